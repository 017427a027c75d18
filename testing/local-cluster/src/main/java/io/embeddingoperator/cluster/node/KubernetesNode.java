package io.embeddingoperator.cluster.node;

import io.embeddingoperator.cluster.ProjectScript;
import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.embeddingoperator.cluster.image.ImageRegistry;
import io.embeddingoperator.cluster.process.BoundProcess;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A node as clusters have them: kubelet, containerd, runc and kube-proxy, in namespaces of their own on this machine. {@code dev/node}
 * starts them, in the network in which this JVM runs. The node ends when this is closed, and also when the JVM is killed.
 */
public final class KubernetesNode implements AutoCloseable {
    /** Where servers of this JVM's network listen for what runs on nodes. */
    public static final String GATEWAY = "10.77.0.100";

    private static final ProjectScript SCRIPT = ProjectScript.named("node");
    private static final String PAUSE_IMAGE = "registry.local/pause:1";
    private static final String KUBELET_OFF = "kubelet.off";
    private static final String CGROUP = "cgroup";
    private static final int KUBELET_PORT = 10250;
    private static final int LAST_LINES = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** No two nodes of this JVM's network may have the same addresses, also when they belong to different clusters. */
    private static final AtomicInteger NODES = new AtomicInteger();

    private final String name;
    private final int number;
    private final Path folder;
    private final KubernetesClient client;
    private final Process process;

    private KubernetesNode(String name, int number, Path folder, KubernetesClient client, Process process) {
        this.name = name;
        this.number = number;
        this.folder = folder;
        this.client = client;
        this.process = process;
    }

    /** Why no node can run here, as a sentence; empty when one can. */
    public static Optional<String> obstacle() {
        try {
            if (NetworkInterface.getByInetAddress(InetAddress.getByName(GATEWAY)) != null) {
                return Optional.empty();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return SCRIPT.refusal("check")
                .or(() -> Optional.of(
                        "This JVM has no network of its own: start it by dev/node network, as make test does."));
    }

    /**
     * Starts a node and waits until pods can run on it.
     *
     * @param name the node's name: a DNS label
     * @param folder where it keeps its images and logs; made here, and deleted when the node is closed
     * @param registry where it pulls every image
     * @throws IllegalStateException when it does not start, with the last lines of its logs
     */
    public static KubernetesNode join(ControlPlane controlPlane, String name, Path folder, ImageRegistry registry) {
        try {
            if (Files.exists(folder)) {
                // Left by one that was killed.
                SCRIPT.result("remove", folder.toString());
            }
            Files.createDirectories(folder);
            copy(
                    controlPlane.kubeconfigFor("system:node:" + name, List.of("system:nodes")),
                    folder.resolve("kubelet.kubeconfig"));
            copy(controlPlane.kubeconfigFor("system:kube-proxy", List.of()), folder.resolve("kube-proxy.kubeconfig"));
            copy(controlPlane.authorityCertificate(), folder.resolve("ca.crt"));
            registry.add(
                    PAUSE_IMAGE, Path.of(ProjectScript.named("node-programs").result("ensure"), "pause.tar"));
            int number = NODES.incrementAndGet();
            Process process = BoundProcess.start(
                    SCRIPT.command("run", folder.toString(), name, Integer.toString(number), registry.address()),
                    builder -> builder.redirectErrorStream(true)
                            .redirectOutput(folder.resolve("node.log").toFile()));
            var node = new KubernetesNode(name, number, folder, controlPlane.client(), process);
            node.await("is ready", node::isReady);
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String name() {
        return name;
    }

    /** The kubelet and its children die at once, and stay dead; containers go on. To the cluster the node is silent. */
    public void stopKubelet() {
        try {
            Files.createFile(folder.resolve(KUBELET_OFF));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("has no kubelet", () -> !kubeletListens());
    }

    /** The kubelet starts again, and finds what became of its containers. */
    public void startKubelet() {
        try {
            Files.delete(folder.resolve(KUBELET_OFF));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The machine stalls, as a paused virtual machine does: none of its processes gets any time, while what they hold, such as
     * connections and locks, stays theirs.
     */
    public void freeze() {
        cgroup().freeze();
    }

    /** All processes go on where they were. */
    public void thaw() {
        cgroup().thaw();
    }

    /** SIGKILL to the processes of a pod's containers, out of the blue: each ends with exit code 137. */
    public void kill(Pod pod) {
        containers(pod).forEach(Cgroup::kill);
    }

    /** A pod's containers use up their memory, and the kernel kills their processes: each ends with 137 and OOMKilled. */
    public void exhaustMemory(Pod pod) {
        containers(pod).forEach(Cgroup::exhaustMemory);
    }

    /**
     * The node has so many of something that pods may ask for, as a driver would tell of its devices. None is there to use.
     *
     * @param resource such as nvidia.com/gpu
     */
    public void advertise(String resource, int quantity) {
        client.nodes()
                .withName(name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"capacity\": {\"%s\": \"%d\"}}}".formatted(resource, quantity));
    }

    /** What a container of a pod has said, in the runtime's form; the kubelet deletes it with the pod. */
    public String log(Pod pod, String container) {
        Path logs = folder.resolve("pod-logs")
                .resolve("%s_%s_%s"
                        .formatted(
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName(),
                                pod.getMetadata().getUid()))
                .resolve(container);
        try (Stream<Path> files = Files.list(logs)) {
            StringBuilder text = new StringBuilder();
            for (Path file : files.sorted().toList()) {
                text.append(Files.readString(file));
            }
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the kubelet puts them; its sandbox is none of them. */
    private Stream<Cgroup> containers(Pod pod) {
        String quality = pod.getStatus().getQosClass().toLowerCase(Locale.ROOT);
        String folder = "kubepods/%spod%s/"
                .formatted(
                        quality.equals("guaranteed") ? "" : quality + "/",
                        pod.getMetadata().getUid());
        return pod.getStatus().getContainerStatuses().stream()
                .map(ContainerStatus::getContainerID)
                .filter(Objects::nonNull)
                .map(id -> cgroup().child(folder + id.replaceFirst(".*://", "")));
    }

    private Cgroup cgroup() {
        try {
            return new Cgroup(Files.readString(folder.resolve(CGROUP)).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isReady() {
        Node node = client.nodes().withName(name).get();
        return node != null && node.getStatus().getConditions().stream().anyMatch(KubernetesNode::saysReady);
    }

    private static boolean saysReady(NodeCondition condition) {
        return condition.getType().equals("Ready") && condition.getStatus().equals("True");
    }

    private boolean kubeletListens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("10.77.0." + number, KUBELET_PORT), (int) PAUSE.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String words = lastWords();
                close();
                throw new IllegalStateException("the node %s never %s. %s".formatted(name, what, words));
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted before the node " + name + " " + what, e);
            }
        }
    }

    /** What its programs said last, for the message of an exception. */
    private String lastWords() {
        StringBuilder words = new StringBuilder();
        for (String program : List.of("node", "containerd", "kubelet")) {
            Path log = folder.resolve(program + ".log");
            try {
                List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
                words.append("The last lines of %s:%n%s%n"
                        .formatted(
                                log,
                                String.join(
                                        "\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return words.toString();
    }

    private static void copy(Path file, Path to) throws IOException {
        Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The machine loses its power, and its node is taken out of the cluster. */
    @Override
    public void close() {
        if (Files.exists(folder.resolve(CGROUP))) {
            // A frozen process does not die.
            cgroup().thaw();
        }
        process.destroyForcibly().onExit().join();
        client.nodes().withName(name).delete();
        SCRIPT.result("remove", folder.toString());
    }
}
