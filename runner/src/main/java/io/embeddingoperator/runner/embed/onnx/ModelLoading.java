package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Loads a model on a thread that can be left behind. ONNX Runtime computes what it can while it loads, for as long as the model's
 * author likes, and cannot be interrupted.
 */
final class ModelLoading {
    private ModelLoading() {}

    static LoadedModel within(Duration limit, Path file, Device device) {
        FutureTask<LoadedModel> loading = new FutureTask<>(() -> LoadedModel.load(file, device));
        Thread.ofPlatform().name("model-loading").daemon().start(loading);
        try {
            return loading.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new SpecificationException(
                    "the model file %s was not loaded within %d s: use a model that computes less while it is loaded"
                            .formatted(file, limit.toSeconds()),
                    e);
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause())) {
                case RuntimeException refused -> throw refused;
                case Error fatal -> throw fatal;
                case Throwable other -> throw new IllegalStateException(other);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while the model was loaded", e);
        }
    }
}
