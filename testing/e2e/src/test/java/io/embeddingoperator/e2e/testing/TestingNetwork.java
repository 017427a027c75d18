package io.embeddingoperator.e2e.testing;

import io.embeddingoperator.cluster.node.KubernetesNode;

/** The network in which the tests' servers listen for pods: one that real nodes can join, or this machine's. */
public final class TestingNetwork {
    /** What a server of this machine alone listens on. */
    static final String LOOPBACK = "127.0.0.1";

    private static final boolean OF_ITS_OWN = KubernetesNode.obstacle().isEmpty();

    private TestingNetwork() {}

    static boolean isOfItsOwn() {
        return OF_ITS_OWN;
    }

    /** Where pods find the servers: those of real nodes have addresses of their own, the others are at home on the loopback. */
    public static String address() {
        return OF_ITS_OWN ? KubernetesNode.GATEWAY : LOOPBACK;
    }
}
