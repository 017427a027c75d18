package io.embeddingoperator.cluster.node;

import io.embeddingoperator.cluster.node.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pod on this node, from its binding to the deletion of its object. One thread runs the pod: volumes, init
 * containers, containers. Another one writes its status whenever something changed, and removes it in the end.
 */
final class PodWorker {
    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
    private static final Duration BETWEEN_MOUNTS = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final NodeServices node;
    private final Pod pod;
    private final PodIdentity identity;
    private final PodApi api;
    private final PodEvents events;
    private final RestartPolicy restartPolicy;
    private final List<ContainerLife> initContainers;
    private final List<ContainerLife> containers;
    private final Instant startTime = Instant.now();
    private final StopSignal stop = new StopSignal();
    private final Semaphore changes = new Semaphore(0);
    private final Thread life;
    private final Thread reporter;

    private volatile boolean mounted;
    private volatile boolean over;
    private volatile boolean deleted;
    private volatile List<PodCondition> conditions;

    private PodWorker(NodeServices node, Pod pod) {
        this.node = node;
        this.pod = pod;
        this.identity = PodIdentity.of(
                pod, Optional.ofNullable(pod.getStatus().getPodIP()).orElseGet(PodAddresses::next));
        this.api = new PodApi(node.client(), identity, node.connection());
        this.events = new PodEvents(node.client(), identity, node.settings().name());
        this.restartPolicy = RestartPolicy.valueOf(pod.getSpec().getRestartPolicy());
        this.conditions = pod.getStatus().getConditions();
        boolean initializes = !pod.getSpec().getInitContainers().isEmpty();
        this.initContainers =
                lives(pod.getSpec().getInitContainers(), restartPolicy.forInitContainer(), Waiting.INITIALIZING);
        this.containers = lives(
                pod.getSpec().getContainers(), restartPolicy, initializes ? Waiting.INITIALIZING : Waiting.CREATING);
        boolean ended = PodPhase.isFinal(pod.getStatus().getPhase());
        this.life = Thread.ofVirtual().name("pod-" + identity.name()).unstarted(ended ? () -> {} : this::live);
        this.reporter = Thread.ofVirtual()
                .name("pod-status-" + identity.name())
                .unstarted(ended ? this::awaitDeletion : this::report);
    }

    /** Starts the pod; one that had ended before this node came up only waits to be deleted. */
    static PodWorker start(NodeServices node, Pod pod) {
        var worker = new PodWorker(node, pod);
        worker.reporter.start();
        worker.life.start();
        return worker;
    }

    PodIdentity identity() {
        return identity;
    }

    /** The pod's object changed: when it is to be deleted its processes are asked to end, and have the time it grants. */
    void update(Pod latest) {
        if (latest.getMetadata().getDeletionTimestamp() == null) {
            return;
        }
        deleted = true;
        long grace = Optional.ofNullable(latest.getMetadata().getDeletionGracePeriodSeconds())
                .orElse(0L);
        stop.request(Duration.ofSeconds(grace));
        if (grace == 0) {
            kill();
        }
        changes.release();
    }

    /** The pod's object is gone, or the node goes: its processes end at once and nothing is written any more. */
    void abandon() {
        stop.request(Duration.ZERO);
        kill();
        reporter.interrupt();
    }

    /** Returns when no process of the pod is left and its files are gone. */
    void awaitEnd() {
        try {
            life.join(PATIENCE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What a container of the pod said.
     *
     * @throws IllegalArgumentException when there is nothing of it, in the words of the kubelet
     */
    ContainerLog log(LogRequest request) {
        String name = request.container();
        ContainerLife container = lives().filter(
                        life -> life.container().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "container \"" + name + "\" in pod \"" + identity.name() + "\" is not available"));
        List<Path> logs = ContainerLog.files(node.logs(identity).resolve(name));
        if (logs.isEmpty()) {
            throw new IllegalArgumentException(
                    "container \"" + name + "\" in pod \"" + identity.name() + "\" is waiting to start");
        }
        if (request.previous() && logs.size() == 1) {
            throw new IllegalArgumentException(
                    "previous terminated container \"" + name + "\" in pod \"" + identity.name() + "\" not found");
        }
        return new ContainerLog(
                request.previous() ? logs.get(logs.size() - 2) : logs.getLast(),
                request,
                () -> !request.previous() && container.process().isPresent());
    }

    /** SIGKILL to every process of the pod; its containers end with 137. */
    void kill() {
        lives().forEach(life -> life.process().ifPresent(ContainerProcess::kill));
    }

    /** The same, and the containers say OOMKilled. */
    void killForMemory() {
        lives().forEach(life -> life.process().ifPresent(ContainerProcess::killForMemory));
    }

    void freeze() {
        lives().forEach(life -> life.process().ifPresent(ContainerProcess::freeze));
    }

    void thaw() {
        lives().forEach(life -> life.process().ifPresent(ContainerProcess::thaw));
    }

    private void live() {
        try {
            if (lostItsProcesses()) {
                return;
            }
            Optional<Map<String, PreparedVolume>> volumes = mountVolumes();
            if (volumes.isPresent()) {
                mounted = true;
                changes.release();
                runContainers(node.launcher(pod, identity, volumes.get()));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            LOG.error("pod {} ends because its node failed", identity, failure);
            kill();
        } finally {
            lives().forEach(ContainerLife::neverStarted);
            over = true;
            cleanUp();
            changes.release();
        }
    }

    /** The pod ran on an earlier node of this name, whose processes ended with it: such a pod may not be able to go on. */
    private boolean lostItsProcesses() {
        mounted = pod.getStatus().getPodIP() != null;
        return mounted && restartPolicy == RestartPolicy.Never;
    }

    private void awaitDeletion() {
        try {
            while (!deleted) {
                changes.acquire();
            }
            api.delete();
        } catch (InterruptedException abandoned) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Map<String, PreparedVolume>> mountVolumes() throws InterruptedException {
        while (!stop.requested()) {
            try {
                return Optional.of(node.volumes(pod, identity).prepare());
            } catch (MountFailedException notYet) {
                events.warning("FailedMount", notYet.getMessage());
            } catch (KubernetesClientException | UncheckedIOException failure) {
                LOG.warn("volumes of {} wait: {}", identity, failure.getMessage());
            }
            stop.requestedWithin(BETWEEN_MOUNTS);
        }
        return Optional.empty();
    }

    private void runContainers(ContainerLauncher launcher) throws InterruptedException {
        for (ContainerLife init : initContainers) {
            init.run(launcher, node.http());
            if (!init.report().end().map(ContainerState.Terminated::succeeded).orElse(false)) {
                return;
            }
        }
        List<Thread> threads = new ArrayList<>();
        for (ContainerLife container : containers) {
            threads.add(Thread.ofVirtual().start(() -> run(container, launcher)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void run(ContainerLife container, ContainerLauncher launcher) {
        try {
            container.run(launcher, node.http());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            LOG.error(
                    "container {} of {} ends because its node failed",
                    container.container().getName(),
                    identity,
                    failure);
        }
    }

    private void report() {
        try {
            PodStatus written = null;
            while (true) {
                boolean last = over;
                PodStatus status = snapshot(last).status(conditions, Instant.now());
                if (!status.equals(written)) {
                    api.write(status);
                    conditions = status.getConditions();
                    written = status;
                }
                if (last && deleted) {
                    api.delete();
                    return;
                }
                changes.acquire();
                changes.drainPermits();
            }
        } catch (InterruptedException abandoned) {
            Thread.currentThread().interrupt();
        }
    }

    private PodReport snapshot(boolean isOver) {
        return new PodReport(
                identity.uid(),
                restartPolicy,
                identity.address(),
                NodeServices.ADDRESS,
                startTime,
                reports(initContainers),
                reports(containers),
                mounted,
                isOver);
    }

    private void cleanUp() {
        try {
            FileTree.delete(node.folder(identity));
        } catch (IOException failure) {
            LOG.warn("files of {} stay behind: {}", identity, failure.getMessage());
        }
    }

    private List<ContainerLife> lives(List<Container> declared, RestartPolicy policy, Waiting before) {
        return declared.stream()
                .map(container ->
                        new ContainerLife(identity, container, policy, before, stop, events, changes::release))
                .toList();
    }

    private Stream<ContainerLife> lives() {
        return Stream.concat(initContainers.stream(), containers.stream());
    }

    private static Map<Container, ContainerReport> reports(List<ContainerLife> lives) {
        Map<Container, ContainerReport> reports = new LinkedHashMap<>();
        lives.forEach(life -> reports.put(life.container(), life.report()));
        return reports;
    }
}
