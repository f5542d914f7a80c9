"""The identity provider: users, tokens, basic and Windows sign-in."""
