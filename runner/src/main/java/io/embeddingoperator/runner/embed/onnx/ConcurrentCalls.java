package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.memory.ProcessMemory;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many calls of a model there are at a time: one for each core, or as many as there is memory for.
 *
 * @param model its name, for a person
 */
record ConcurrentCalls(String model, ModelMemory need, ProcessMemory memory) {
    private static final Logger LOG = LoggerFactory.getLogger(ConcurrentCalls.class);

    static ConcurrentCalls of(ModelFiles files, ModelGraph graph, int maxTokens, ProcessMemory memory) {
        ModelMemory need =
                ModelMemory.of(files, graph, isMapped(files), SessionSettings.cpuBatchTokens(maxTokens), maxTokens);
        return new ConcurrentCalls(files.name(), need, memory);
    }

    private static boolean isMapped(ModelFiles files) {
        try {
            return AnnotatedModel.of(files.model()).isPresent();
        } catch (IOException | RuntimeException e) {
            // Then it is loaded as it was published.
            return false;
        }
    }

    /** On a GPU the memory of the machine is not what decides. */
    int on(SessionSettings settings) {
        return switch (settings) {
            case CPU -> onCpu(settings.concurrency());
            case CUDA -> settings.concurrency();
        };
    }

    /**
     * At most one for each core.
     *
     * @throws SpecificationException when there is no memory for one call
     */
    int onCpu(int cores) {
        int calls = memory.parts(
                need.base(), need.call(), cores, "the model %s with texts of its greatest length".formatted(model));
        if (calls < cores) {
            LOG.info(
                    "{} of {} cores are used, because of {}: a call of the model takes {} MiB, the model and the"
                            + " process {} MiB, the heap up to {} MiB",
                    calls,
                    cores,
                    memory.describe(),
                    need.call() >> 20,
                    need.base() >> 20,
                    memory.heap().in(memory.bytes()) >> 20);
        }
        return calls;
    }
}
