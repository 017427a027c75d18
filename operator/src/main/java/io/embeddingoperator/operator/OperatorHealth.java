package io.embeddingoperator.operator;

import io.embeddingoperator.operator.server.Health;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

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

    private List<String> informersThat(Predicate<InformerHealthIndicator> trouble, String what) {
        return controllers()
                .flatMap(controller ->
                        controller.getControllerHealthInfo().informerEventSourceHealthIndicators().entrySet().stream())
                .flatMap(source -> source.getValue().informerHealthIndicators().entrySet().stream()
                        .filter(informer -> trouble.test(informer.getValue()))
                        .map(informer -> "the informer %s of namespace %s %s"
                                .formatted(source.getKey(), informer.getKey(), what)))
                .toList();
    }

    private Stream<? extends RegisteredController<?>> controllers() {
        return operator.getRegisteredControllers().stream().map(controller -> (RegisteredController<?>) controller);
    }
}
