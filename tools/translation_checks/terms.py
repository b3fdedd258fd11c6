def term_rules(settings, language):
    return {}
