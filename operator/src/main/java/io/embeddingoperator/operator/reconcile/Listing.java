package io.embeddingoperator.operator.reconcile;

import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;

/** Whether informers have listed what there is: before that, an object that is not in their caches may exist. */
final class Listing {
    private Listing() {}

    static boolean isComplete(List<? extends InformerEventSource<?, ?>> sources, String namespace) {
        return sources.stream()
                .map(InformerEventSource::informerHealthIndicators)
                .map(informers -> informers.getOrDefault(namespace, informers.get(Constants.WATCH_ALL_NAMESPACES)))
                .allMatch(informer -> informer != null && informer.hasSynced());
    }
}
