"""What is said when the site can't be published."""


class PublishError(ValueError):
    """Something that pages ask for is missing or can't be read; the message says what and where."""
