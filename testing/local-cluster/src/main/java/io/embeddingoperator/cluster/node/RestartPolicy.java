package io.embeddingoperator.cluster.node;

/** When a container that ended is started again; the names are those of the Kubernetes API. */
enum RestartPolicy {
    Always {
        @Override
        boolean restarts(int exitCode) {
            return true;
        }
    },
    OnFailure {
        @Override
        boolean restarts(int exitCode) {
            return exitCode != 0;
        }
    },
    Never {
        @Override
        boolean restarts(int exitCode) {
            return false;
        }
    };

    abstract boolean restarts(int exitCode);

    /** An init container that succeeded is done under every policy. */
    RestartPolicy forInitContainer() {
        return this == Always ? OnFailure : this;
    }
}
