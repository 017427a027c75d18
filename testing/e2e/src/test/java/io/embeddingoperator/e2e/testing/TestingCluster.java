package io.embeddingoperator.e2e.testing;

import io.embeddingoperator.cluster.KubernetesPrograms;
import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.embeddingoperator.cluster.controlplane.ControlPlaneSettings;
import io.embeddingoperator.cluster.image.ImageRegistry;
import io.embeddingoperator.cluster.node.KubernetesNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A cluster as a user has one: a real control plane, real nodes that pull the images that this checkout has made, and the operator
 * installed by Helm. Its users act through {@link #kubectl} and {@link #helm}.
 */
public final class TestingCluster implements AutoCloseable {
    /** Where the operator is installed. */
    public static final String OPERATOR_NAMESPACE = "embedding-operator";

    /** The node that is always there. */
    public static final String FIRST_NODE = "node-1";

    private static final String OPERATOR_IMAGE = "ghcr.io/embedding-operator/operator:";
    private static final String RUNNER_IMAGE = "ghcr.io/embedding-operator/runner:";
    private static final String RUNNER_CUDA_IMAGE = "ghcr.io/embedding-operator/runner-cuda:";
    private static final Path PROGRAMS = KubernetesPrograms.folder();

    /** Optimized code takes a third of a short run's processor time to make, and saves less. */
    private static final String WITHOUT_OPTIMIZED_CODE = "-XX:TieredStopAtLevel=1";

    /** What the operator asks for is written down, once it is answered or, of a watch, begun. */
    private static final String AUDIT_POLICY = """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
              - {level: Metadata, users: ["system:serviceaccount:%s:embedding-operator"]}
              - {level: None}
            """.formatted(OPERATOR_NAMESPACE);

    /** What keeps nodes from running here. */
    private static final Optional<String> OBSTACLE = KubernetesNode.obstacle();

    private static TestingCluster shared;

    private final Path folder;
    private final ControlPlane controlPlane;
    private final ImageRegistry registry;
    private final List<KubernetesNode> nodes = new ArrayList<>();
    private int namespaces;

    private TestingCluster(Path folder, ControlPlane controlPlane, ImageRegistry registry) {
        this.folder = folder;
        this.controlPlane = controlPlane;
        this.registry = registry;
    }

    /** A cluster of its own that has the images of an earlier release too, and the operator of that one, ready. */
    public static TestingCluster withOperatorOf(EarlierRelease earlier) {
        requireNodes();
        TestingCluster cluster = start();
        cluster.pushOperator(OPERATOR_IMAGE + EarlierRelease.TAG, earlier.operator());
        cluster.pushRunner(RUNNER_IMAGE + EarlierRelease.TAG, earlier.runner());
        cluster.install(earlier.chart(), "image.tag=" + EarlierRelease.TAG, "runner.image.tag=" + EarlierRelease.TAG);
        return cluster;
    }

    /**
     * The one with the operator of this checkout that the tests of this JVM share; each leaves it as it was. Where no node can run the
     * test is skipped.
     *
     * @see KubernetesNode
     */
    public static synchronized TestingCluster shared() {
        if (shared == null) {
            requireNodes();
            TestingCluster started = start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::close));
            started.installOperator();
            shared = started;
        }
        return shared;
    }

    /** The test is skipped, with the reason, where no node can run or there is nothing that it could run. */
    private static void requireNodes() {
        if (!Boolean.getBoolean("embedding.images")) {
            Assumptions.abort("The images are not built: run this by make, or with Maven's profile images.");
        }
        OBSTACLE.ifPresent(Assumptions::abort);
    }

    private static TestingCluster start() {
        try {
            Path folder = Files.createTempDirectory("embedding-operator-e2e");
            Path audit = Files.writeString(folder.resolve("audit.yaml"), AUDIT_POLICY);
            ControlPlaneSettings settings =
                    ControlPlaneSettings.ofRealNodes(KubernetesNode.GATEWAY).withAudit(audit);
            TestingCluster cluster = new TestingCluster(
                    folder,
                    ControlPlane.start(PROGRAMS, folder.resolve("control-plane"), settings),
                    ImageRegistry.start(KubernetesNode.GATEWAY, folder.resolve("registry")));
            cluster.pushOperator(operatorImage(), Checkout.file("operator/target/operator.tar"));
            cluster.pushRunner(runnerImage(), Checkout.file("runner/target/runner.tar"));
            cluster.addNode(FIRST_NODE);
            return cluster;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts an image into the registry, as a person pushes one; gives its digest. */
    public String push(String reference, Path archive) {
        return registry.add(reference, archive);
    }

    private void pushOperator(String reference, Path archive) {
        registry.add(reference, archive, Map.of("EMBEDDING_OPERATOR_JAVA_OPTIONS", WITHOUT_OPTIMIZED_CODE));
    }

    private void pushRunner(String reference, Path archive) {
        registry.add(reference, archive, Map.of("EMBEDDING_RUNNER_JAVA_OPTIONS", WITHOUT_OPTIMIZED_CODE));
    }

    /** A node that has pulled no image yet. */
    public KubernetesNode addNode(String name) {
        KubernetesNode node = KubernetesNode.join(controlPlane, name, folder.resolve(name), registry);
        nodes.add(node);
        return node;
    }

    /** A node that has GPUs to ask for, which no driver serves. The registry has the image for them as long as the node is there. */
    public KubernetesNode addGpuNode(String name, int gpus) {
        pushRunner(RUNNER_CUDA_IMAGE + chartVersion(), Checkout.file("runner/target/runner.tar"));
        KubernetesNode node = addNode(name);
        node.advertise("nvidia.com/gpu", gpus);
        return node;
    }

    public void removeGpuNode(KubernetesNode node) {
        removeNode(node);
        registry.remove(RUNNER_CUDA_IMAGE + chartVersion());
    }

    /** The machine of a node loses its power for good, and a person takes it out of the cluster. */
    public void removeNode(KubernetesNode node) {
        node.close();
        nodes.remove(node);
    }

    /** {@code helm install}, as the chart's README says it, until the operator is ready. */
    public void installOperator(String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        // A simulator of OpenAI takes a free port of this machine.
        all.add("tenancy.baseUrls={*}");
        install(Checkout.file("helm/embedding-operator"), all.toArray(String[]::new));
    }

    /** {@code helm rollback} to the revision before the present one, until the operator is ready. */
    public void rollBackOperator() {
        helm().run("rollback", "embedding-operator", "--namespace", OPERATOR_NAMESPACE, "--wait", "--timeout", "2m");
    }

    private void install(Path chart, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "upgrade",
                "--install",
                "embedding-operator",
                chart.toString(),
                "--namespace",
                OPERATOR_NAMESPACE,
                "--create-namespace",
                "--set",
                "operator.statusIntervalSeconds=1",
                "--wait",
                "--timeout",
                "2m"));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        helm().run(arguments.toArray(String[]::new));
    }

    /** A new pod of the operator takes the place of the one that is there, and knows only what is in the cluster. */
    public void restartOperator() {
        kubectl().run("rollout", "restart", "deployment", "embedding-operator", "-n", OPERATOR_NAMESPACE);
        awaitOperator();
    }

    /** Ends the operator: no job is reconciled until {@link #startOperator}. */
    public void stopOperator() {
        scaleOperator(0);
        kubectl()
                .run(
                        "wait",
                        "pods",
                        "--for=delete",
                        "-l",
                        "app.kubernetes.io/name=embedding-operator",
                        "-n",
                        OPERATOR_NAMESPACE,
                        "--timeout=2m");
    }

    public void startOperator() {
        scaleOperator(1);
        awaitOperator();
    }

    private void scaleOperator(int replicas) {
        kubectl().run("scale", "deployment", "embedding-operator", "-n", OPERATOR_NAMESPACE, "--replicas=" + replicas);
    }

    private void awaitOperator() {
        kubectl()
                .run("rollout", "status", "deployment", "embedding-operator", "-n", OPERATOR_NAMESPACE, "--timeout=2m");
    }

    /** SIGKILL to a pod's processes. */
    public void kill(Pod pod) {
        nodeOf(pod).kill(pod);
    }

    /** A pod's memory is used up, and the kernel kills its processes. */
    public void exhaustMemory(Pod pod) {
        nodeOf(pod).exhaustMemory(pod);
    }

    private KubernetesNode nodeOf(Pod pod) {
        return nodes.stream()
                .filter(node -> node.name().equals(pod.getSpec().getNodeName()))
                .findFirst()
                .orElseThrow();
    }

    /** With the rights of a cluster administrator. */
    public KubernetesClient client() {
        return controlPlane.client();
    }

    public ControlPlane controlPlane() {
        return controlPlane;
    }

    public Program kubectl() {
        return new Program(PROGRAMS.resolve("kubectl"), kubeconfig());
    }

    public Program helm() {
        return new Program(PROGRAMS.resolve("helm"), kubeconfig());
    }

    /** A namespace of the test's own, which enforces the pod security standard "restricted". */
    public synchronized String newNamespace() {
        String name = "team-" + ++namespaces;
        kubectl().run("create", "namespace", name);
        kubectl().run("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted");
        return name;
    }

    @Override
    public void close() {
        nodes.forEach(KubernetesNode::close);
        registry.close();
        controlPlane.close();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, String> kubeconfig() {
        return Map.of("KUBECONFIG", controlPlane.kubeconfig().toString(), "HELM_CACHE_HOME", folder.toString());
    }

    /** The image of this checkout's operator, as the chart names it. */
    public static String operatorImage() {
        return OPERATOR_IMAGE + chartVersion();
    }

    /** The image of this checkout's runner, as the chart names it. */
    public static String runnerImage() {
        return RUNNER_IMAGE + chartVersion();
    }

    private static String chartVersion() {
        try (Stream<String> lines = Files.lines(Checkout.file("helm/embedding-operator/Chart.yaml"))) {
            return lines.filter(line -> line.startsWith("appVersion:"))
                    .map(line -> line.substring("appVersion:".length()).strip().replace("\"", ""))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
