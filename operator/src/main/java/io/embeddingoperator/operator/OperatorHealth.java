package io.embeddingoperator.operator;

import io.embeddingoperator.operator.server.Health;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The health of the informers, by which the operator sees everything it sees. An API server that is away is no ailment: the
 * informers find it again by themselves, and a new start would not help.
 */
final class OperatorHealth implements Health {
    private final Operator operator;

    OperatorHealth(Operator operator) {
        this.operator = operator;
    }

    @Override
    public List<String> ailments() {
        return isStarted() ? informersThat(informer -> !informer.isRunning(), "has stopped") : List.of();
    }

    @Override
    public List<String> obstacles() {
        return isStarted()
                ? informersThat(informer -> !informer.hasSynced(), "has not listed its objects yet")
                : List.of("the operator is starting");
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
                    .forEach((name, source) -> informers.put(
                            name, ((InformerWrappingEventSourceHealthIndicator<?>) source).informerHealthIndicators()));
        }
        return informers;
    }
}
