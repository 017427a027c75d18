package io.embeddingoperator.runner.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the JVM, with a Java that only says how it was started. */
class LauncherTest {
    private static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path home;

    @BeforeEach
    void build() throws IOException {
        for (String folder : new String[] {"bin", "lib", "caches", "jdk/bin"}) {
            Files.createDirectories(home.resolve(folder));
        }
        java("jdk/bin/java", "echo \"$@\"");
        Files.copy(Path.of("src/main/launcher/embedding-runner"), home.resolve("bin/embedding-runner"));
        touched("lib/runner.jar", BUILT);
    }

    @Test
    void classesOfThisVeryApplicationAreTakenFromTheirCache() throws Exception {
        touched("caches/java.aot", BUILT.plus(Duration.ofMinutes(1)));

        assertThat(started("run")).contains("-XX:AOTCache=" + home.resolve("caches/java.aot"));
    }

    @Test
    void cacheOfOtherJarsIsPassedOver() throws Exception {
        touched("caches/java.aot", BUILT.minus(Duration.ofMinutes(1)));

        assertThat(started("run")).doesNotContain("AOTCache").contains("EmbeddingRunner run");
    }

    @Test
    void javaOfAReleasesArchiveIsTakenBeforeTheMachines() throws Exception {
        Files.createDirectories(home.resolve("runtime/bin"));
        java("runtime/bin/java", "echo its own: \"$@\"");

        assertThat(started("run")).startsWith("its own: ").contains("EmbeddingRunner run");
    }

    @Test
    void linkFromAFolderOfThePathLeadsToTheApplication() throws Exception {
        Path link = Files.createDirectories(home.resolve("path")).resolve("embedding-runner");
        Files.createSymbolicLink(link, Path.of("../bin/embedding-runner"));

        assertThat(said(link, "run")).contains("@" + home.toRealPath().resolve("bin/java.options"));
    }

    private void java(String file, String line) throws IOException {
        Path java = Files.writeString(home.resolve(file), "#!/usr/bin/env bash\n" + line + "\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }

    private void touched(String file, Instant when) throws IOException {
        Path path = Files.writeString(home.resolve(file), "");
        Files.setLastModifiedTime(path, FileTime.from(when));
    }

    private String started(String argument) throws IOException, InterruptedException {
        return said(home.resolve("bin/embedding-runner"), argument);
    }

    private String said(Path script, String argument) throws IOException, InterruptedException {
        ProcessBuilder launcher = new ProcessBuilder("bash", script.toString(), argument).redirectErrorStream(true);
        launcher.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        Process process = launcher.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
