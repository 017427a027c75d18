package io.embeddingoperator.runner.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs stages side by side until all have ended; the first that fails interrupts the others. */
final class Stages {
    private final List<Callable<Void>> stages = new ArrayList<>();

    void add(String name, Stage stage) {
        stages.add(() -> {
            Thread.currentThread().setName(name);
            stage.run();
            return null;
        });
    }

    /** Returns when every stage has ended; throws what the first failing stage threw. */
    void run() throws InterruptedException {
        ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory());
        try {
            ExecutorCompletionService<Void> ended = new ExecutorCompletionService<>(threads);
            stages.forEach(ended::submit);
            for (int i = 0; i < stages.size(); i++) {
                ended.take().get();
            }
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } finally {
            threads.shutdownNow();
            threads.close();
        }
    }

    /** What a task threw, when that needs no declaration; otherwise wrapped. */
    static RuntimeException unwrapped(ExecutionException e) throws InterruptedException {
        return switch (Objects.requireNonNull(e.getCause())) {
            case RuntimeException failure -> failure;
            case Error error -> throw error;
            case InterruptedException interrupted -> throw interrupted;
            case ExecutionException nested -> unwrapped(nested);
            case Throwable other -> new IllegalStateException(other.getMessage(), other);
        };
    }

    /** The work of one thread, or a step of it. */
    interface Stage {
        void run() throws InterruptedException, ExecutionException;
    }
}
