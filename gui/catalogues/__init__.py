"""Every language's words but English, which stands in the pages themselves."""
