"""Who calls the services, and when."""
