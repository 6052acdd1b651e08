"""Files: looked at in a child process, shown to a virus scanner, kept on a disk or in a bucket, linked to for a while."""
