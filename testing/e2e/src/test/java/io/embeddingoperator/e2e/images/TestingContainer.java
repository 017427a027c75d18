package io.embeddingoperator.e2e.images;

import io.embeddingoperator.cluster.image.UnpackedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A container as the operator's pods ask for one: the image's own files as a read-only root, an empty /tmp, no capability,
 * the image's user (where the tests run as root), and the variables of the image beneath its own.
 *
 * @param image what it runs
 * @param files the pod's files by their path in the container
 * @param variables the pod's variables
 */
record TestingContainer(UnpackedImage image, Map<String, String> files, Map<String, String> variables) {
    /** How a container ended, and what it said on both streams. */
    record End(int exitCode, String words) {}

    /** Mounts are made in a namespace of the process's own, so nothing is left of them. $0 is the root. */
    private static final String PREPARE_ROOT = """
            set -eu
            root=$0
            mount --bind "$root" "$root"
            mount -t proc proc "$root/proc"
            for device in null urandom random zero; do mount --bind "/dev/$device" "$root/dev/$device"; done
            mount -o remount,bind,ro "$root"
            mount -t tmpfs -o mode=1777 tmp "$root/tmp"
            cp -R "$root-files/." "$root/tmp/"
            exec "$@"
            """;

    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    static TestingContainer of(UnpackedImage image) {
        return new TestingContainer(image, Map.of(), Map.of());
    }

    /** The same with a file below /tmp. */
    TestingContainer withFile(String name, String content) {
        Map<String, String> more = new TreeMap<>(files);
        more.put(name, content);
        return new TestingContainer(image, more, variables);
    }

    TestingContainer with(String variable, String value) {
        Map<String, String> more = new TreeMap<>(variables);
        more.put(variable, value);
        return new TestingContainer(image, files, more);
    }

    /** Runs it to its end. */
    End run(String... arguments) {
        try {
            writeFiles();
            Process process = process(arguments);
            process.getOutputStream().close();
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new End(process.waitFor(), words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Process process(String... arguments) throws IOException {
        Path root = image.root();
        List<String> line = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "--kill-child"));
        if (!ROOT) {
            line.addAll(List.of("--user", "--map-root-user"));
        }
        line.addAll(List.of("bash", "-c", PREPARE_ROOT, root.toString(), "unshare", "--root=" + root, "--wd=/"));
        if (ROOT) {
            String[] user = image.user().split(":");
            line.addAll(List.of("--setuid=" + user[0], "--setgid=" + user[1]));
        }
        line.addAll(image.entrypoint());
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        String path = builder.environment().get("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        image.environment().forEach((name, value) -> {
            // The tools around the container need a path of their own; its entrypoint is absolute.
            if (!name.equals("PATH")) {
                builder.environment().put(name, value);
            }
        });
        builder.environment().putAll(variables);
        return builder.start();
    }

    /** Devices and the pod's files, where the script above expects them. */
    private void writeFiles() throws IOException {
        for (String device : List.of("null", "urandom", "random", "zero")) {
            Path file = image.root().resolve("dev").resolve(device);
            if (!Files.exists(file)) {
                Files.createFile(file);
            }
        }
        Path folder = Files.createDirectories(Path.of(image.root() + "-files"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
    }
}
