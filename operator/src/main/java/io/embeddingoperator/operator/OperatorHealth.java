package io.embeddingoperator.operator;

import io.embeddingoperator.operator.server.Health;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The health of the informers, by which the operator sees everything it sees. An API server that does not answer is no problem
 * of the operator: the informers find it again by themselves, and a new start would not help. Nor is one watched namespace that
 * was deleted while others are served: a roll-out has no reason to wait for it.
 */
final class OperatorHealth implements Health {
    private final Operator operator;

    OperatorHealth(Operator operator) {
        this.operator = operator;
    }

    @Override
    public List<String> problems() {
        return isStarted() ? informersThat(informer -> !informer.isRunning(), "has stopped") : List.of();
    }

    @Override
    public List<String> obstacles() {
        if (!isStarted()) {
            return List.of("the operator is starting");
        }
        return servesAny() ? List.of() : informersThat(OperatorHealth::hasNotListed, "has not listed its objects yet");
    }

    /** Those with an object that could not be listed yet: nothing is done there. */
    Set<String> unservedNamespaces() {
        Set<String> unserved = new TreeSet<>();
        informers()
                .values()
                .forEach(informers -> informers.forEach((namespace, informer) -> {
                    if (hasNotListed(informer)) {
                        unserved.add(namespace);
                    }
                }));
        return unserved;
    }

    private static boolean hasNotListed(InformerHealthIndicator informer) {
        return !informer.hasSynced();
    }

    private boolean servesAny() {
        Set<String> unserved = unservedNamespaces();
        return informers().values().stream()
                .flatMap(informers -> informers.keySet().stream())
                .anyMatch(namespace -> !unserved.contains(namespace));
    }

    private boolean isStarted() {
        return operator.getRuntimeInfo().isStarted();
    }

    private List<String> informersThat(Predicate<InformerHealthIndicator> isInTrouble, String trouble) {
        List<String> sentences = new ArrayList<>();
        informers()
                .forEach((source, informers) -> informers.forEach((namespace, informer) -> {
                    if (isInTrouble.test(informer)) {
                        sentences.add("the informer %s of namespace %s %s".formatted(source, namespace, trouble));
                    }
                }));
        return sentences;
    }

    /** Every informer by its event source and its namespace. */
    private Map<String, Map<String, InformerHealthIndicator>> informers() {
        Map<String, Map<String, InformerHealthIndicator>> informers = new TreeMap<>();
        // The SDK's types are raw here.
        for (RegisteredController<?> controller : operator.getRegisteredControllers()) {
            controller
                    .getControllerHealthInfo()
                    .informerEventSourceHealthIndicators()
                    // Two controllers may have sources of one name.
                    .forEach((name, source) -> informers.put(
                            controller.getConfiguration().getName() + "/" + name,
                            ((InformerWrappingEventSourceHealthIndicator<?>) source).informerHealthIndicators()));
        }
        return informers;
    }
}
