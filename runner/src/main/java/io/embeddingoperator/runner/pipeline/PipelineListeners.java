package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.batch.Batch;
import java.util.List;

/** Several listeners as one. */
public record PipelineListeners(List<PipelineListener> listeners) implements PipelineListener {
    public PipelineListeners {
        listeners = List.copyOf(listeners);
    }

    @Override
    public void embedded(Batch batch) {
        listeners.forEach(listener -> listener.embedded(batch));
    }

    @Override
    public void committed(int shard, Counts counters) {
        listeners.forEach(listener -> listener.committed(shard, counters));
    }

    @Override
    public void completed(int shard) {
        listeners.forEach(listener -> listener.completed(shard));
    }
}
