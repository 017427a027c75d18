package io.embeddingoperator.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A script of this project's folder {@code dev}, as {@code make} calls it.
 *
 * @param file the script
 */
public record ProjectScript(Path file) {
    private static final Path SCRIPTS = Path.of("dev");

    /** @throws IllegalStateException outside a checkout of this project */
    public static ProjectScript named(String name) {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path script = folder.resolve(SCRIPTS).resolve(name);
            if (Files.isExecutable(script)) {
                return new ProjectScript(script);
            }
        }
        throw new IllegalStateException(
                "no %s in or above %s: run this in a checkout".formatted(SCRIPTS.resolve(name), start));
    }

    /**
     * Runs it to its end and gives its results; what it says beside them is said by this process.
     *
     * @throws IllegalStateException when it fails
     */
    public String result(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(command(arguments)).redirectError(Redirect.INHERIT);
        return end(builder, (exitCode, results) -> {
            if (exitCode != 0) {
                throw new IllegalStateException(
                        "%s %s has failed; its message tells why".formatted(file, String.join(" ", arguments)));
            }
            return results;
        });
    }

    /** Runs it to its end; what it says when it fails. */
    public Optional<String> refusal(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(command(arguments)).redirectErrorStream(true);
        return end(builder, (exitCode, said) -> Optional.of(said).filter(_ -> exitCode != 0));
    }

    /** How it is called, for a process that lives on. */
    public List<String> command(String... arguments) {
        List<String> line = new ArrayList<>(List.of(file.toString()));
        line.addAll(List.of(arguments));
        return line;
    }

    private interface Judgement<T> {
        T of(int exitCode, String said);
    }

    private <T> T end(ProcessBuilder builder, Judgement<T> judgement) {
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return judgement.of(process.waitFor(), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + file + " ran", e);
        }
    }
}
