package io.embeddingoperator.cluster.node;

import io.embeddingoperator.cluster.node.ContainerState.Running;
import io.embeddingoperator.cluster.node.ContainerState.Terminated;
import io.embeddingoperator.cluster.node.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One container from its first attempt to start until it is over for good; its owner reads the report at any time. */
final class ContainerLife {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerLife.class);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(2);
    private static final int KILLED = 137;

    private final PodIdentity pod;
    private final Container container;
    private final RestartPolicy restartPolicy;
    private final StopSignal stop;
    private final PodEvents events;
    private final Runnable changed;

    private volatile ContainerReport report;
    private volatile Optional<ContainerProcess> process = Optional.empty();

    ContainerLife(
            PodIdentity pod,
            Container container,
            RestartPolicy restartPolicy,
            Waiting beforeStart,
            StopSignal stop,
            PodEvents events,
            Runnable changed) {
        this.pod = pod;
        this.container = container;
        this.restartPolicy = restartPolicy;
        this.stop = stop;
        this.events = events;
        this.changed = changed;
        this.report = ContainerReport.waiting(beforeStart);
    }

    Container container() {
        return container;
    }

    ContainerReport report() {
        return report;
    }

    Optional<ContainerProcess> process() {
        return process;
    }

    /** Starts the container, and again as its policy says; returns when it is over or the pod is to stop. */
    void run(ContainerLauncher launcher, HttpClient http) throws InterruptedException {
        var crashes = new Backoff();
        while (true) {
            Optional<ContainerProcess> started = start(launcher);
            if (started.isEmpty()) {
                return;
            }
            Terminated end = live(started.get(), launcher, http);
            process = Optional.empty();
            if (stop.requested() || !restartPolicy.restarts(end.exitCode())) {
                say(report.in(end));
                return;
            }
            Duration wait = crashes.next();
            say(report.restarting(crashLoop(wait), end));
            events.warning("BackOff", "Back-off restarting failed container " + container.getName() + " in pod " + pod);
            if (stop.requestedWithin(wait)) {
                say(report.in(end));
                return;
            }
            report = report.restarted();
        }
    }

    /** The pod ended before this container could: what the kubelet then says of it. */
    void neverStarted() {
        if (report.end().isEmpty()) {
            Instant now = Instant.now();
            say(report.in(new Terminated(
                    KILLED,
                    "ContainerStatusUnknown",
                    "The container could not be located when the pod was terminated",
                    now,
                    now)));
        }
    }

    private Optional<ContainerProcess> start(ContainerLauncher launcher) throws InterruptedException {
        var pulls = new Backoff();
        while (!stop.requested()) {
            try {
                ContainerProcess started = launcher.launch(container, report.restarts());
                process = Optional.of(started);
                events.normal("Started", "Started container " + container.getName());
                return process;
            } catch (NotStartedException notYet) {
                explain(notYet);
                stop.requestedWithin(BETWEEN_ATTEMPTS);
                if (!notYet.image().isEmpty()) {
                    backOffFromPull(notYet, pulls.next());
                }
            } catch (KubernetesClientException | UncheckedIOException failure) {
                LOG.warn("container {} of {} waits: {}", container.getName(), pod, failure.getMessage());
                stop.requestedWithin(BETWEEN_ATTEMPTS);
            }
        }
        return Optional.empty();
    }

    private void explain(NotStartedException notYet) {
        Waiting waiting = notYet.waiting();
        say(report.in(waiting));
        boolean pull = !notYet.image().isEmpty();
        if (pull) {
            events.warning("Failed", "Failed to pull image \"" + notYet.image() + "\": " + waiting.message());
        }
        events.warning("Failed", "Error: " + (pull ? waiting.reason() : waiting.message()));
    }

    private void backOffFromPull(NotStartedException failure, Duration wait) throws InterruptedException {
        String backOff = "Back-off pulling image \"" + failure.image() + "\"";
        say(report.in(new Waiting("ImagePullBackOff", backOff + ": ErrImagePull: " + failure.getMessage())));
        events.normal("BackOff", backOff);
        events.warning("Failed", "Error: ImagePullBackOff");
        stop.requestedWithin(wait);
    }

    private Terminated live(ContainerProcess running, ContainerLauncher launcher, HttpClient http)
            throws InterruptedException {
        say(report.in(new Running(running.startedAt())));
        var unhealthy = new CompletableFuture<String>();
        var probes = Probes.start(new ProbeRequest(http, container, pod.address()), listener(unhealthy));
        try {
            CompletableFuture.anyOf(running.exit(), stop.grace(), unhealthy).join();
        } catch (CompletionException failure) {
            throw new IllegalStateException("container " + container.getName() + " of " + pod, failure);
        } finally {
            probes.stop();
        }
        if (!running.exit().isDone()) {
            end(running, unhealthy);
        }
        var exit = running.exit().join();
        boolean failed = exit.code() != 0;
        String message = exit.reason().equals("StartError")
                ? TerminationMessage.endOf(launcher.log(container, report.restarts()))
                : TerminationMessage.of(
                        launcher.terminationLog(container),
                        launcher.log(container, report.restarts()),
                        container.getTerminationMessagePolicy(),
                        failed);
        return new Terminated(exit.code(), exit.reason(), message, running.startedAt(), exit.at());
    }

    private void end(ContainerProcess running, CompletableFuture<String> unhealthy) throws InterruptedException {
        Duration grace = stop.grace().getNow(pod.terminationGracePeriod());
        events.normal(
                "Killing",
                unhealthy.isDone()
                        ? "Container " + container.getName() + " failed " + unhealthy.join()
                                + " probe, will be restarted"
                        : "Stopping container " + container.getName());
        running.terminate();
        if (!running.exitsWithin(grace)) {
            running.kill();
        }
    }

    private Probes.Listener listener(CompletableFuture<String> unhealthy) {
        return new Probes.Listener() {
            @Override
            public void ready(boolean ready) {
                if (report.state() instanceof Running) {
                    say(report.ready(ready));
                }
            }

            @Override
            public void unhealthy(String complaint) {
                events.warning("Unhealthy", complaint);
            }

            @Override
            public void dead(String probe) {
                unhealthy.complete(probe);
            }
        };
    }

    private Waiting crashLoop(Duration wait) {
        return new Waiting(
                "CrashLoopBackOff",
                "back-off " + Backoff.text(wait) + " restarting failed container=" + container.getName() + " pod="
                        + pod);
    }

    private void say(ContainerReport next) {
        report = next;
        changed.run();
    }
}
