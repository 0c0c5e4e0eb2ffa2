"""Sign in, with or without single sign-on."""
