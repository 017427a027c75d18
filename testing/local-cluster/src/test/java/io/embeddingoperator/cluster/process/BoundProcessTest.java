package io.embeddingoperator.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BoundProcessTest {
    private static final List<String> LONG_SLEEP = List.of("sleep", "600");

    @Test
    void endsWithAKilledJvm() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sleeper.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long pid = Long.parseLong(
                new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.US_ASCII)).readLine());
        ProcessHandle child = ProcessHandle.of(pid).orElseThrow();

        jvm.destroyForcibly().waitFor();

        child.onExit().get(10, TimeUnit.SECONDS);
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void outlivesTheThreadThatAskedForIt() throws Exception {
        Process[] started = new Process[1];
        Thread thread = Thread.ofPlatform().start(() -> started[0] = sleep());
        thread.join();
        try {
            assertThat(started[0].waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
        } finally {
            started[0].destroyForcibly();
        }
    }

    private static Process sleep() {
        try {
            return BoundProcess.start(LONG_SLEEP, builder -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a process, prints its id, and waits for its own end. */
    static final class Sleeper {
        private Sleeper() {}

        public static void main(String[] arguments) throws InterruptedException {
            System.out.println(sleep().pid());
            Thread.sleep(600_000);
        }
    }
}
