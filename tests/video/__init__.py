"""Video from the simulator to a viewer, by the product's client."""
