package io.embeddingoperator.cluster;

import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.embeddingoperator.cluster.controlplane.ControlPlaneSettings;
import io.embeddingoperator.cluster.image.ImageRegistry;
import io.embeddingoperator.cluster.node.KubernetesNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The command {@code local-cluster}: a control plane and one node in the foreground, until SIGTERM or SIGINT. A later start
 * in the same folder brings the cluster back with all its objects.
 */
@Command(
        name = "local-cluster",
        description = "Runs Kubernetes with one node until it is told to stop. Needs root and the network of dev/node.",
        mixinStandardHelpOptions = true)
public final class LocalCluster implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
    private static final String NODE = "node-1";

    private final CountDownLatch ended = new CountDownLatch(1);

    @Option(
            names = "--programs",
            required = true,
            paramLabel = "FOLDER",
            description = "Kubernetes' programs, as dev/kubernetes ensure prints it.")
    private Path programs;

    @Option(
            names = "--folder",
            required = true,
            paramLabel = "FOLDER",
            description = "Where the cluster lives: its data, its pods' logs.")
    private Path folder;

    @Option(
            names = "--kubeconfig",
            required = true,
            paramLabel = "FILE",
            description = "Is there while the cluster serves: the administrator's way in.")
    private Path kubeconfig;

    @Option(
            names = "--image",
            paramLabel = "REFERENCE=ARCHIVE",
            description =
                    "A container image that the node can pull, and the archive that holds it; any number of them.")
    private Map<String, Path> images = Map.of();

    private LocalCluster() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LocalCluster())
                .setExecutionExceptionHandler(LocalCluster::failed)
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        endWhenToldTo(Thread.currentThread());
        try {
            Files.deleteIfExists(kubeconfig); // Left by one that was killed.
            serve();
            return 0;
        } finally {
            ended.countDown();
        }
    }

    private void serve() throws IOException {
        ControlPlaneSettings settings = ControlPlaneSettings.ofRealNodes(KubernetesNode.GATEWAY);
        try (ControlPlane controlPlane = ControlPlane.start(programs, folder.resolve("control-plane"), settings);
                ImageRegistry registry = ImageRegistry.start(KubernetesNode.GATEWAY, folder.resolve("registry"))) {
            images.forEach(registry::add);
            // One that was killed could not take its node away.
            controlPlane.client().nodes().withName(NODE).delete();
            try (KubernetesNode _ = KubernetesNode.join(controlPlane, NODE, folder.resolve("node"), registry)) {
                Files.copy(
                        controlPlane.kubeconfig(),
                        kubeconfig,
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
                LOG.info("the cluster is ready; its kubeconfig is {}", kubeconfig);
                TimeUnit.DAYS.sleep(Long.MAX_VALUE);
            } catch (InterruptedException told) {
                LOG.info("the cluster ends; its folder keeps it for another start");
            } finally {
                Files.deleteIfExists(kubeconfig);
            }
        }
    }

    /** Lets a signal end the cluster in an orderly way, also while it still starts. */
    private void endWhenToldTo(Thread serving) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            serving.interrupt();
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
        switch (failure) {
            case IllegalStateException known -> LOG.error(known.getMessage());
            case IllegalArgumentException known -> LOG.error(known.getMessage());
            default -> LOG.error("an error that should not have happened", failure);
        }
        return command.getCommandSpec().exitCodeOnExecutionException();
    }
}
