package io.embeddingoperator.cluster.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Starts processes that end with this JVM, also when it is killed: the kernel sends them SIGKILL then. Their own children
 * are not covered.
 *
 * <p>The kernel takes the end of the thread that started a process for the end of its parent, so all of them are started by
 * one thread that lives as long as the JVM.
 */
public final class BoundProcess {
    private static final ExecutorService STARTER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("process-starter").factory());

    private BoundProcess() {}

    /**
     * Starts a process.
     *
     * @param command the program and its arguments
     * @param setup sets folder, environment and redirections
     * @throws IOException if the program cannot be started; setpriv, of util-linux, has to be on the path
     */
    public static Process start(List<String> command, Consumer<ProcessBuilder> setup) throws IOException {
        List<String> bound = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
        bound.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(bound);
        setup.accept(builder);
        try {
            return STARTER.submit(builder::start).get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.getFirst() + " was started", e);
        }
    }
}
