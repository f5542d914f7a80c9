"""Video from the simulator to somebody who looks, by the real client."""
