package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers the node, renews its Lease, as a kubelet does, and deletes the node again. */
final class NodeHeartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHeartbeat.class);
    private static final String LEASES = "kube-node-lease";
    private static final int LEASE_SECONDS = 40;
    private static final Duration PERIOD = Duration.ofSeconds(3);

    private final KubernetesClient client;
    private final NodeSettings settings;
    private final NodeConnection connection;
    private final int port;
    private final Node registered;
    private final Thread thread;

    private NodeHeartbeat(KubernetesClient client, NodeSettings settings, NodeConnection connection, int port) {
        this.client = client;
        this.settings = settings;
        this.connection = connection;
        this.port = port;
        this.registered = register();
        writeStatus();
        renewLease();
        this.thread = Thread.ofVirtual().name("heartbeat-" + settings.name()).start(this::beat);
    }

    /**
     * Registers the node, ready for pods.
     *
     * @param port where the node answers the API server
     */
    static NodeHeartbeat start(KubernetesClient client, NodeSettings settings, NodeConnection connection, int port) {
        return new NodeHeartbeat(client, settings, connection, port);
    }

    /** A node that was killed left its object behind: the object is used again. */
    private Node register() {
        Node left = client.nodes().withName(settings.name()).get();
        return left != null
                ? left
                : client.nodes().resource(NodeObject.of(settings)).create();
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(PERIOD);
                connection.await();
                try {
                    renewLease();
                    if (isThoughtLost()) {
                        writeStatus();
                    }
                } catch (KubernetesClientException failure) {
                    LOG.debug("a heartbeat of node {} failed: {}", settings.name(), failure.getMessage());
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isThoughtLost() {
        Node node = client.nodes().withName(settings.name()).get();
        return node != null
                && node.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals("Ready"))
                        .noneMatch(condition -> condition.getStatus().equals("True"));
    }

    private void writeStatus() {
        var status = Map.of("status", NodeObject.status(settings, port, Instant.now()));
        client.nodes()
                .withName(settings.name())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        client.getKubernetesSerialization().asJson(status));
    }

    private void renewLease() {
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(settings.name())
                .withNamespace(LEASES)
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(settings.name())
                .withUid(registered.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(settings.name())
                .withLeaseDurationSeconds(LEASE_SECONDS)
                .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                .endSpec()
                .build();
        client.leases().inNamespace(LEASES).resource(lease).unlock().createOr(NonDeletingOperation::update);
    }

    /** Takes the node out of the cluster. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            client.nodes().withName(settings.name()).delete();
            client.leases().inNamespace(LEASES).withName(settings.name()).delete();
        } catch (KubernetesClientException failure) {
            LOG.debug("node {} stays registered: {}", settings.name(), failure.getMessage());
        }
    }
}
