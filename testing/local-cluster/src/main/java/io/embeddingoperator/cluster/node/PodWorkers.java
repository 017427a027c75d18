package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Keeps one worker for every pod that is bound to the node, fed by a watch that outlives restarts of the API server. */
final class PodWorkers implements ResourceEventHandler<Pod>, AutoCloseable {
    private static final long RESYNC_MILLIS = 30_000;

    private final NodeServices node;
    private final Map<String, PodWorker> byUid = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Pod> informer;

    private PodWorkers(NodeServices node) {
        this.node = node;
        this.informer = node.client()
                .pods()
                .inAnyNamespace()
                .withField("spec.nodeName", node.settings().name())
                .runnableInformer(RESYNC_MILLIS)
                .exceptionHandler((started, failure) -> true)
                .addEventHandler(this);
    }

    static PodWorkers start(NodeServices node) {
        var workers = new PodWorkers(node);
        workers.informer.start().toCompletableFuture().join();
        return workers;
    }

    Optional<PodWorker> named(String namespace, String name) {
        return byUid.values().stream()
                .filter(worker -> worker.identity().namespace().equals(namespace)
                        && worker.identity().name().equals(name))
                .findFirst();
    }

    /** Catches up with all that happened while the node could not hear it. */
    void catchUp() {
        Set<String> present =
                informer.getStore().list().stream().map(PodWorkers::uid).collect(Collectors.toSet());
        byUid.keySet().stream().filter(uid -> !present.contains(uid)).forEach(this::abandon);
        informer.getStore().list().forEach(this::accept);
    }

    void freeze() {
        byUid.values().forEach(PodWorker::freeze);
    }

    void thaw() {
        byUid.values().forEach(PodWorker::thaw);
    }

    @Override
    public void onAdd(Pod pod) {
        accept(pod);
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
        accept(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean finalStateUnknown) {
        if (node.connection().isUp()) {
            abandon(uid(pod));
        }
    }

    private void accept(Pod pod) {
        if (node.connection().isUp()) {
            byUid.computeIfAbsent(uid(pod), uid -> PodWorker.start(node, pod)).update(pod);
        }
    }

    private void abandon(String uid) {
        Optional.ofNullable(byUid.remove(uid)).ifPresent(PodWorker::abandon);
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    @Override
    public void close() {
        informer.close();
        List<PodWorker> all = List.copyOf(byUid.values());
        byUid.clear();
        all.forEach(PodWorker::abandon);
        all.forEach(PodWorker::awaitEnd);
    }
}
