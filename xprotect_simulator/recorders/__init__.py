"""Recording servers: still pictures over SOAP, each on a port of its own."""
