package io.embeddingoperator.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The programs that Kubernetes is made of, and those of its users: what {@code dev/kubernetes ensure} finds or builds. */
public final class KubernetesPrograms {
    private static final Path SCRIPT = Path.of("dev", "kubernetes");

    private KubernetesPrograms() {}

    /**
     * The folder with etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and helm. On a machine that has
     * none of them they are built first, which takes long.
     *
     * @throws IllegalStateException outside a checkout of this project, or if they can neither be found nor built
     */
    public static Path folder() {
        Path script = script();
        try {
            Process process = new ProcessBuilder(script.toString(), "ensure")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String folder = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(script + " ensure has failed; its message tells why");
            }
            return Path.of(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + script + " ran", e);
        }
    }

    private static Path script() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isExecutable(folder.resolve(SCRIPT))) {
                return folder.resolve(SCRIPT);
            }
        }
        throw new IllegalStateException("no " + SCRIPT + " in or above " + start + ": run this in a checkout");
    }
}
