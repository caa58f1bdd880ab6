"""What serving costs: CPU, throughput, bytes and memory of pages beside a bare page, measured in one run."""
