package io.embeddingoperator.cluster.node;

/** Whether the node can speak with the API server: a test cuts it to see a node get lost while its pods run on. */
final class NodeConnection {
    private boolean up = true;

    synchronized boolean isUp() {
        return up;
    }

    synchronized void set(boolean up) {
        this.up = up;
        notifyAll();
    }

    /** Returns when the node can speak. */
    synchronized void await() throws InterruptedException {
        while (!up) {
            wait();
        }
    }
}
