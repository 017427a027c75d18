package io.embeddingoperator.bench.scale;

import io.embeddingoperator.api.contract.TerminationMessage;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.vertx.core.http.HttpServer;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Plays nodes and their kubelets: a pod that is bound runs at once, answers for its progress, and ends well after a while
 * or when it is told to. There is no process behind it.
 */
final class SimulatedNodes implements AutoCloseable {
    private static final PatchContext STRATEGIC = PatchContext.of(PatchType.STRATEGIC_MERGE);
    private static final int PODS_OF_A_NODE = 250;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What the kubelets ask of the API server at the same time. */
    private static final int REQUESTS = 64;

    private final KubernetesClient client;
    private final SimulatedRunners runners;
    private final int shards;
    private final Map<String, SimulatedRun> runs = new ConcurrentHashMap<>();
    private final Map<String, SimulatedPod> pods = new ConcurrentHashMap<>();
    private final Map<String, Duration> lives = new ConcurrentHashMap<>();
    private final ExecutorService kubelets = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore requests = new Semaphore(REQUESTS);
    private final SharedIndexInformer<Pod> informer;

    /** @param shards of every run */
    SimulatedNodes(KubernetesClient client, SimulatedRunners runners, int shards) {
        this.client = client;
        this.runners = runners;
        this.shards = shards;
        this.informer = client.pods().inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                consider(pod);
            }

            @Override
            public void onUpdate(Pod before, Pod pod) {
                consider(pod);
            }

            @Override
            public void onDelete(Pod pod, boolean unseen) {}
        });
    }

    /** Nodes with room for so many pods. */
    void register(int capacity) {
        for (int number = 1; number <= Math.ceilDiv(capacity, PODS_OF_A_NODE) + 1; number++) {
            client.resource(node("simulated-" + number)).create();
        }
        // Kubernetes marks a new node as not ready until it has looked at it.
        Waiting.until(
                "the nodes take pods",
                PATIENCE,
                () -> client.nodes().list().getItems().stream()
                        .allMatch(node -> node.getSpec().getTaints().isEmpty()));
    }

    /** How long pods of a namespace run; those of others run until {@link #endAll}. */
    void live(String namespace, Duration life) {
        lives.put(namespace, life);
    }

    /** Ends every pod that runs. */
    void endAll() {
        pods.values().forEach(pod -> kubelets.execute(pod::end));
    }

    /** Pods that have ever been made. */
    int podsSeen() {
        return pods.size();
    }

    /** @param job namespace/name of the EmbeddingJob */
    SimulatedRun run(String job) {
        return Objects.requireNonNull(runs.get(job), job);
    }

    /** When the first runner of a job worked. */
    Instant running(String job) {
        return pods.values().stream()
                .filter(pod -> pod.job.equals(job))
                .map(pod -> pod.running)
                .min(Instant::compareTo)
                .orElseThrow();
    }

    @Override
    public void close() {
        informer.close();
        kubelets.shutdownNow();
    }

    private void consider(Pod pod) {
        if (pod.getSpec().getNodeName() != null) {
            pods.computeIfAbsent(pod.getMetadata().getUid(), _ -> {
                SimulatedPod bound = new SimulatedPod(pod);
                kubelets.execute(bound::live);
                return bound;
            });
        }
    }

    private static Node node(String name) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("kubernetes.io/hostname", name)
                .addToLabels("kubernetes.io/os", "linux")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withCapacity(room())
                .withAllocatable(room())
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withReason("KubeletReady")
                .withLastHeartbeatTime(Instant.now().toString())
                .withLastTransitionTime(Instant.now().toString())
                .endCondition()
                .endStatus()
                .build();
    }

    private static Map<String, Quantity> room() {
        return Map.of(
                "cpu", new Quantity("1000"),
                "memory", new Quantity("4Ti"),
                "pods", new Quantity(Integer.toString(PODS_OF_A_NODE)),
                "ephemeral-storage", new Quantity("4Ti"));
    }

    /** A pod that was bound to a node. */
    private final class SimulatedPod {
        private final Pod pod;
        private final String job;
        private final int shard;
        private final SimulatedRun run;
        private final Instant started = Instant.now();

        private volatile @Nullable Instant running;
        private @Nullable HttpServer server;
        private boolean ended;

        SimulatedPod(Pod pod) {
            this.pod = pod;
            this.job = pod.getMetadata().getNamespace() + "/"
                    + pod.getMetadata().getLabels().get("embedding-operator.io/job");
            this.shard = Integer.parseInt(
                    pod.getMetadata().getAnnotations().get("batch.kubernetes.io/job-completion-index"));
            int number = Integer.parseInt(pod.getMetadata().getLabels().get("embedding-operator.io/run"));
            this.run = runs.computeIfAbsent(job, name -> new SimulatedRun(name, number, shards));
        }

        void live() {
            String address = runners.newAddress();
            synchronized (this) {
                run.start(shard, Instant.now());
                server = runners.answer(address, port(), () -> run.progress(shard, Instant.now()));
            }
            report(status(
                            "Running",
                            new ContainerStateBuilder()
                                    .withNewRunning(started.toString())
                                    .build())
                    .withPodIP(address)
                    .addNewPodIP(address)
                    .withHostIP(address)
                    .withStartTime(started.toString()));
            running = Instant.now();
            Duration life = lives.get(pod.getMetadata().getNamespace());
            if (life != null) {
                Waiting.pause(life);
                end();
            }
        }

        void end() {
            synchronized (this) {
                if (ended) {
                    return;
                }
                ended = true;
                run.end(shard);
                Objects.requireNonNull(server, "server").close().await();
            }
            report(status(
                    "Succeeded",
                    new ContainerStateBuilder()
                            .withNewTerminated()
                            .withExitCode(0)
                            .withReason("Completed")
                            .withMessage(TerminationMessage.write(run.progress(shard, Instant.now())))
                            .withStartedAt(started.toString())
                            .withFinishedAt(Instant.now().toString())
                            .endTerminated()
                            .build()));
        }

        private PodStatusBuilder status(String phase, ContainerState state) {
            boolean runs = phase.equals("Running");
            Container container = pod.getSpec().getContainers().getFirst();
            return new PodStatusBuilder()
                    .withPhase(phase)
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus(runs ? "True" : "False")
                    .withReason(runs ? null : "PodCompleted")
                    .withLastTransitionTime(Instant.now().toString())
                    .endCondition()
                    .addNewContainerStatus()
                    .withName(container.getName())
                    .withImage(container.getImage())
                    .withImageID("")
                    .withReady(runs)
                    .withStarted(runs)
                    .withRestartCount(0)
                    .withState(state)
                    .endContainerStatus();
        }

        private int port() {
            return pod.getSpec().getContainers().getFirst().getPorts().stream()
                    .map(ContainerPort::getContainerPort)
                    .findFirst()
                    .orElseThrow();
        }

        private void report(PodStatusBuilder status) {
            Pod change = new PodBuilder().withStatus(status.build()).build();
            requests.acquireUninterruptibly();
            try {
                client.pods()
                        .inNamespace(pod.getMetadata().getNamespace())
                        .withName(pod.getMetadata().getName())
                        .subresource("status")
                        .patch(STRATEGIC, client.getKubernetesSerialization().asJson(change));
            } catch (KubernetesClientException e) {
                // Deleted meanwhile: its status is of no use any more.
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
            } finally {
                requests.release();
            }
        }
    }
}
