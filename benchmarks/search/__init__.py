"""How well readers find what they look for: our search beside Sphinx's own and pagefind."""
