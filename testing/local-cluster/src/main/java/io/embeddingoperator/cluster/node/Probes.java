package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.util.Optional;

/** Asks a running container its startup, readiness and liveness probes until it is stopped. */
final class Probes {
    /** What the answers of the probes change. */
    interface Listener {
        void ready(boolean ready);

        void unhealthy(String complaint);

        /** The container is to be stopped, and started again if its pod's policy says so. */
        void dead(String probe);
    }

    private final ProbeRequest request;
    private final Container container;
    private final Listener listener;
    private final Thread thread;

    private Probes(ProbeRequest request, Listener listener) {
        this.request = request;
        this.container = request.container();
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("probes-" + container.getName()).start(this::run);
    }

    static Probes start(ProbeRequest request, Listener listener) {
        return new Probes(request, listener);
    }

    private void run() {
        try {
            if (container.getStartupProbe() != null && !starts(container.getStartupProbe())) {
                listener.dead("startup");
                return;
            }
            Thread liveness = Thread.ofVirtual().unstarted(this::watchLiveness);
            liveness.start();
            try {
                watchReadiness();
            } finally {
                liveness.interrupt();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean starts(Probe probe) throws InterruptedException {
        var counter = counter(probe);
        Thread.sleep(initialDelay(probe));
        while (true) {
            ask(probe, "Startup", counter);
            if (counter.succeeded() || counter.failed()) {
                return counter.succeeded();
            }
            Thread.sleep(period(probe));
        }
    }

    private void watchReadiness() throws InterruptedException {
        Probe probe = container.getReadinessProbe();
        if (probe == null) {
            listener.ready(true);
            Thread.sleep(Duration.ofSeconds(Long.MAX_VALUE));
            return;
        }
        var counter = counter(probe);
        boolean ready = false;
        Thread.sleep(initialDelay(probe));
        while (true) {
            ask(probe, "Readiness", counter);
            boolean now = ready ? !counter.failed() : counter.succeeded();
            if (now != ready) {
                ready = now;
                listener.ready(ready);
            }
            Thread.sleep(period(probe));
        }
    }

    private void watchLiveness() {
        Probe probe = container.getLivenessProbe();
        if (probe == null) {
            return;
        }
        try {
            var counter = counter(probe);
            Thread.sleep(initialDelay(probe));
            while (!counter.failed()) {
                ask(probe, "Liveness", counter);
                Thread.sleep(counter.failed() ? Duration.ZERO : period(probe));
            }
            listener.dead("liveness");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask(Probe probe, String kind, ProbeCounter counter) throws InterruptedException {
        Optional<String> complaint = request.complaint(probe);
        counter.count(complaint.isEmpty());
        complaint.ifPresent(text -> listener.unhealthy(kind + " probe failed: " + text));
    }

    private static ProbeCounter counter(Probe probe) {
        return new ProbeCounter(orElse(probe.getSuccessThreshold(), 1), orElse(probe.getFailureThreshold(), 3));
    }

    private static Duration initialDelay(Probe probe) {
        return Duration.ofSeconds(orElse(probe.getInitialDelaySeconds(), 0));
    }

    private static Duration period(Probe probe) {
        return Duration.ofSeconds(orElse(probe.getPeriodSeconds(), 10));
    }

    private static int orElse(Integer value, int otherwise) {
        return value != null ? value : otherwise;
    }

    void stop() {
        thread.interrupt();
    }
}
