"""Pattern health over gRPC, and the pattern launcher."""
