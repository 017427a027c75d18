package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.NoSuchElementException;

/**
 * A node of a Kubernetes cluster that runs bound pods as processes of this machine, without images and without a
 * container runtime: a small kubelet that is faithful in all that controllers see. Each container has a mount and PID
 * namespace of its own; the network is this machine's, where every pod has its own loopback address.
 *
 * <p>It does not do: limits of CPU and memory, exec and gRPC probes, lifecycle hooks, sidecar init containers, projected
 * volumes that follow later changes of their source, the times of log lines, {@code kubectl exec}.
 */
public final class LocalNode implements AutoCloseable {
    private final NodeServices services;
    private final PodWorkers workers;
    private final NodeServer server;
    private final NodeHeartbeat heartbeat;

    private LocalNode(NodeServices services, PodWorkers workers, NodeServer server, NodeHeartbeat heartbeat) {
        this.services = services;
        this.workers = workers;
        this.server = server;
        this.heartbeat = heartbeat;
    }

    /**
     * Registers a node and starts to run what is bound to it.
     *
     * @param client may do all that a kubelet does; stays open when the node closes
     * @throws IllegalStateException when this machine does not let this user make namespaces, with what to do
     */
    public static LocalNode join(KubernetesClient client, NodeSettings settings) {
        ContainerRuntime runtime = ContainerRuntime.in(settings.folder());
        var connection = new NodeConnection();
        var services = new NodeServices(client, settings, connection, runtime, HttpClient.newHttpClient());
        var workers = PodWorkers.start(services);
        var certificate = NodeCertificate.context(
                settings.name(), client.getConfiguration().getCaCertData());
        var server = NodeServer.start(certificate, workers::named);
        var heartbeat = NodeHeartbeat.start(client, settings, connection, server.port());
        return new LocalNode(services, workers, server, heartbeat);
    }

    public String name() {
        return services.settings().name();
    }

    /** SIGKILL to the pod's processes, out of the blue: its containers end with exit code 137. */
    public void kill(String namespace, String pod) {
        worker(namespace, pod).kill();
    }

    /** The same as the kernel does it when memory is used up: the containers end with 137 and OOMKilled. */
    public void killForMemory(String namespace, String pod) {
        worker(namespace, pod).killForMemory();
    }

    /** The folder of a pod's logs: CONTAINER/RESTARTS.log; they stay when the pod has gone. */
    public Path logs(String namespace, String pod) {
        return services.logs(worker(namespace, pod).identity());
    }

    /** No further pod is bound to the node, and every pod on it is evicted; returns when all have gone. */
    public void drain() throws InterruptedException {
        setUnschedulable(true);
        new Drain(services.client(), name()).evictAll();
    }

    /** Pods may be bound to the node again. */
    public void uncordon() {
        setUnschedulable(false);
    }

    /** The node goes silent, as when its network breaks: no Lease, no status, no orders heard; its processes run on. */
    public void stopResponding() {
        services.connection().set(false);
    }

    /** The network is back: the node catches up with what it missed. */
    public void respondAgain() {
        services.connection().set(true);
        workers.catchUp();
    }

    /**
     * The machine stalls, as a paused virtual machine does: the node goes silent and none of its pods' processes gets any
     * time, while what they hold, such as connections and locks, stays theirs.
     */
    public void freeze() {
        stopResponding();
        workers.freeze();
    }

    /** The processes go on where they were; the cluster hears of it only when the node is to {@link #respondAgain}. */
    public void thaw() {
        workers.thaw();
    }

    private void setUnschedulable(boolean unschedulable) {
        services.client()
                .nodes()
                .withName(name())
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        "{\"spec\": {\"unschedulable\": " + unschedulable + "}}");
    }

    private PodWorker worker(String namespace, String pod) {
        return workers.named(namespace, pod)
                .orElseThrow(() -> new NoSuchElementException(
                        "no pod \"" + pod + "\" of namespace \"" + namespace + "\" is on node " + name()));
    }

    /** Kills what runs and takes the node out of the cluster; its pods' objects stay, as those of a machine that is lost. */
    @Override
    public void close() {
        workers.close();
        heartbeat.close();
        server.close();
        services.http().close();
    }
}
