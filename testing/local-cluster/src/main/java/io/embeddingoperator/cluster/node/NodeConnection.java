package io.embeddingoperator.cluster.node;

/** Whether the node can reach the API server: a test cuts the connection to have a lost node whose pods run on. */
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
