"""Messages of Prism's read-only gRPC surfaces, compiled from the .proto files beside this one (`make proto`)."""
