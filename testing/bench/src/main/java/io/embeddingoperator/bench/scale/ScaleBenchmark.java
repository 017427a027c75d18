package io.embeddingoperator.bench.scale;

import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.embeddingoperator.cluster.controlplane.ControlPlaneSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the operator does with a thousand EmbeddingJobs at once, on a real control plane, with runners that only pretend.
 * Prints a section of the report.
 */
@Command(name = "scale", mixinStandardHelpOptions = true)
public final class ScaleBenchmark implements Callable<Integer> {
    @Option(names = "--programs", required = true, description = "Kubernetes' programs and helm, in one folder")
    private Path programs;

    @Option(names = "--operator", required = true, description = "the packaged operator's launcher")
    private Path operator;

    @Option(names = "--chart", required = true, description = "the operator's chart")
    private Path chart;

    @Option(names = "--folder", required = true, description = "for everything that the cluster keeps and the logs")
    private Path folder;

    @Option(names = "--jobs", defaultValue = "1000", description = "EmbeddingJobs (default: ${DEFAULT-VALUE})")
    private int jobs;

    @Option(names = "--shards", defaultValue = "1", description = "pods of each (default: ${DEFAULT-VALUE})")
    private int shards;

    @Option(
            names = "--pod-seconds",
            defaultValue = "10",
            description = "how long a pod of the first part runs (default: ${DEFAULT-VALUE})")
    private int podSeconds;

    @Option(
            names = "--steady-seconds",
            defaultValue = "120",
            description = "how long a steady state is looked at (default: ${DEFAULT-VALUE})")
    private int steadySeconds;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ScaleBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(folder);
        Path policy = folder.resolve("audit-policy.yaml");
        Files.writeString(policy, AuditLog.policyFor(Installation.USER));
        ControlPlaneSettings settings =
                ControlPlaneSettings.quick().withoutNodeLoss().withAudit(policy);
        try (ControlPlane controlPlane = ControlPlane.start(programs, folder.resolve("control-plane"), settings)) {
            measure(controlPlane, Installation.of(programs.resolve("helm"), chart, controlPlane, folder));
        }
        return 0;
    }

    private void measure(ControlPlane controlPlane, Installation installation) {
        try (SimulatedRunners runners = new SimulatedRunners();
                SimulatedNodes nodes = new SimulatedNodes(controlPlane.client(), runners, shards);
                SeenJobs seen = new SeenJobs(controlPlane.client());
                Scene scene = new Scene(
                        controlPlane.client(),
                        new AuditLog(controlPlane.auditLog()),
                        nodes,
                        seen,
                        installation,
                        operator,
                        runners.newAddress(),
                        folder.resolve("operator.log"))) {
            nodes.register(2 * jobs * shards);
            scene.startOperator();
            Burst burst = Burst.of(scene, "done", jobs, shards, Duration.ofSeconds(podSeconds));
            ScaleReport report = new ScaleReport(jobs, shards, podSeconds, installation, burst);
            report.printBurst();
            SteadyState idle = SteadyState.of(scene, Duration.ofSeconds(steadySeconds));
            double idleHeap = scene.operator().liveHeap();
            AtWork atWork = AtWork.of(scene, "at-work", jobs, shards, Duration.ofSeconds(steadySeconds));
            report.printRest(idle, idleHeap, atWork);
        }
    }
}
