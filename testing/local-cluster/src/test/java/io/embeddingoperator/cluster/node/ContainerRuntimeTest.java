package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.ContainerProcess.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real thing: processes in namespaces of this machine. */
class ContainerRuntimeTest {
    private static final Privileges ROOT_OF_NOTHING = new Privileges(0, 0, List.of(), false, false, List.of(), false);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String NOWHERE_ELSE = "/no-such-folder-on-this-machine";

    @TempDir
    Path folder;

    private ContainerRuntime runtime;

    @BeforeEach
    void start() {
        runtime = ContainerRuntime.in(folder.resolve("runtime"));
    }

    @Test
    void aProcessFindsItsMountsWhereThePodSaysAndThisMachineKnowsNothingOfThem() throws Exception {
        // given a folder to read, one to write, and one file, at paths that this machine does not have
        Path config = Files.createDirectories(folder.resolve("config"));
        Files.writeString(config.resolve("embeddingjob.yaml"), "kind: EmbeddingJob");
        Path data = Files.createDirectories(folder.resolve("data"));
        Path message = Files.createFile(folder.resolve("message"));
        var mounts = new MountPlan(List.of(
                new Mount(Mount.Mode.READ_WRITE, message, Path.of("/dev/termination-log")),
                new Mount(Mount.Mode.READ_ONLY, config, Path.of("/etc" + NOWHERE_ELSE + "/config")),
                new Mount(Mount.Mode.READ_WRITE, data, Path.of(NOWHERE_ELSE)),
                new Mount(Mount.Mode.READ_ONLY, config, Path.of(NOWHERE_ELSE + "/nested"))));

        // when
        Exit exit = run(
                mounts,
                false,
                "cat /etc" + NOWHERE_ELSE + "/config/embeddingjob.yaml && echo written > " + NOWHERE_ELSE
                        + "/file && echo last words > /dev/termination-log && cat " + NOWHERE_ELSE + "/nested/*");

        // then
        assertThat(log()).isEqualTo("kind: EmbeddingJobkind: EmbeddingJob");
        assertThat(exit.code()).isZero();
        assertThat(data.resolve("file")).hasContent("written");
        assertThat(message).hasContent("last words");
        assertThat(Path.of(NOWHERE_ELSE)).doesNotExist();
        assertThat(Path.of("/etc" + NOWHERE_ELSE)).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(folder.toString());
        assertThat(folder.resolve("run/layers")).isEmptyDirectory();
    }

    @Test
    void aReadOnlyRootIsReadOnlyEvenForRoot() throws Exception {
        // given a mount to read from
        var mounts = new MountPlan(List.of(new Mount(Mount.Mode.READ_ONLY, folder, Path.of("/source"))));

        // when it writes everywhere, and tries to mount it writable
        Exit exit = run(mounts, false, """
                for place in / /etc /usr /tmp /var/tmp /source /dev /sys; do
                    if echo x 2>/dev/null >$place/written-by-a-container; then echo "wrote to $place"; fi
                done
                mount -o remount,bind,rw / 2>/dev/null && echo "mounted / again"
                mount -o remount,bind,rw /source 2>/dev/null && echo "mounted /source again"
                exit 0
                """);

        // then
        assertThat(exit.code()).isZero();
        assertThat(log()).isEmpty();
        assertThat(folder.resolve("written-by-a-container")).doesNotExist();
    }

    @Test
    void aWritableRootTakesWritesAndForgetsThem() throws Exception {
        // when
        Exit exit = run(
                new MountPlan(List.of()),
                true,
                "echo x > /etc/of-a-container && cat /etc/of-a-container && "
                        + "echo y > /tmp/of-a-container && echo z > /of-a-container");

        // then
        assertThat(log()).isEqualTo("x\n");
        assertThat(exit.code()).isZero();
        assertThat(Path.of("/etc/of-a-container")).doesNotExist();
        assertThat(Path.of("/tmp/of-a-container")).doesNotExist();
        assertThat(Path.of("/of-a-container")).doesNotExist();
    }

    @Test
    void anExitCodeIsTheProcesssOwn() throws Exception {
        assertThat(run(new MountPlan(List.of()), false, "exit 64"))
                .extracting(Exit::code, Exit::reason)
                .containsExactly(64, "Error");
    }

    @Test
    void aProcessThatHandlesSigtermEndsInItsOwnWay() throws Exception {
        // given
        ContainerProcess process = started("trap 'exit 143' TERM; touch /data/ready; while :; do sleep 0.05; done");

        // when
        process.terminate();

        // then
        assertThat(process.exitsWithin(LONG)).isTrue();
        assertThat(process.exit().join().code()).isEqualTo(143);
    }

    @Test
    void sigkillEndsAProcessAndAllThatItStarted() throws Exception {
        // given a process with a child that ignores every other signal
        ContainerProcess process = started("(trap '' TERM; touch /data/ready; exec sleep 7351.5) & wait");

        // when
        process.kill();

        // then
        assertThat(process.exitsWithin(LONG)).isTrue();
        assertThat(process.exit().join()).extracting(Exit::code, Exit::reason).containsExactly(137, "Error");
        await(() -> !running("7351.5"));
    }

    @Test
    void memoryThatIsUsedUpIsSaidToBeTheCause() throws Exception {
        // given
        ContainerProcess process = started("touch /data/ready; exec sleep 7352.5");

        // when
        process.killForMemory();

        // then
        assertThat(process.exit().join()).extracting(Exit::code, Exit::reason).containsExactly(137, "OOMKilled");
    }

    @Test
    void aProgramThatIsNotThereNeverStarted() throws Exception {
        // when
        ContainerProcess process = runtime.start(launch(new MountPlan(List.of()), false, List.of("no-such-program")));

        // then
        assertThat(process.exit().join()).extracting(Exit::code, Exit::reason).containsExactly(128, "StartError");
        assertThat(log()).contains("exec: \"no-such-program\": executable file not found in $PATH");
    }

    @Test
    void aProcessGetsItsVariablesAndNoOther() throws Exception {
        // given names that shells do not know
        var launch = new ContainerLaunch(
                List.of("env"),
                Map.of("PATH", "/usr/bin:/bin", "a.dotted-name", "value", "MULTILINE", "a\nb"),
                "/usr",
                ROOT_OF_NOTHING,
                new MountPlan(List.of()),
                folder.resolve("run"),
                folder.resolve("log"));

        // when
        runtime.start(launch).exit().join();

        // then
        assertThat(log().lines())
                .containsExactlyInAnyOrder("PATH=/usr/bin:/bin", "a.dotted-name=value", "MULTILINE=a", "b");
    }

    @Test
    void whenThisJvmDiesTheKernelEndsItsProcessesOfEveryUser() throws Exception {
        // given a user other than root, where this machine allows one
        var user = new Privileges(65532, 65532, List.of(), true, false, List.of(), false);
        Path data = FileTree.folder(folder.resolve("data"), 0777);
        var mounts = new MountPlan(List.of(new Mount(Mount.Mode.READ_WRITE, data, Path.of("/data"))));
        ContainerProcess process = runtime.start(new ContainerLaunch(
                List.of("bash", "-c", "id -u >/data/user; touch /data/ready; exec sleep 7354.5"),
                Map.of("PATH", "/usr/bin:/bin"),
                "/",
                user,
                mounts,
                folder.resolve("run"),
                folder.resolve("log")));
        awaitReady(process, data);
        assertThat(data.resolve("user")).hasContent(FileTree.ROOT ? "65532" : "0");

        // when what the kernel ends with this JVM is killed: the process that waits for the container
        ProcessHandle.current()
                .children()
                .filter(child -> child.descendants().anyMatch(grandchild -> runs(grandchild, "7354.5")))
                .forEach(ProcessHandle::destroyForcibly);

        // then
        assertThat(process.exitsWithin(LONG)).isTrue();
        await(() -> !running("7354.5"));
    }

    private ContainerProcess started(String script) throws IOException, InterruptedException {
        Path data = Files.createDirectories(folder.resolve("data"));
        var mounts = new MountPlan(List.of(new Mount(Mount.Mode.READ_WRITE, data, Path.of("/data"))));
        ContainerProcess process = runtime.start(launch(mounts, false, List.of("bash", "-c", script)));
        awaitReady(process, data);
        return process;
    }

    private void awaitReady(ContainerProcess process, Path data) throws IOException, InterruptedException {
        while (!Files.exists(data.resolve("ready"))) {
            assertThat(process.exitsWithin(Duration.ofMillis(10))).as(log()).isFalse();
        }
    }

    private Exit run(MountPlan mounts, boolean writableRoot, String script) throws IOException {
        return runtime.start(launch(mounts, writableRoot, List.of("bash", "-c", script)))
                .exit()
                .join();
    }

    private ContainerLaunch launch(MountPlan mounts, boolean writableRoot, List<String> command) {
        return new ContainerLaunch(
                command,
                Map.of("PATH", "/usr/bin:/bin"),
                "/",
                new Privileges(0, 0, List.of(), false, false, List.of(), writableRoot),
                mounts,
                folder.resolve("run"),
                folder.resolve("log"));
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    private static boolean running(String seconds) {
        return ProcessHandle.allProcesses().anyMatch(process -> runs(process, seconds));
    }

    private static boolean runs(ProcessHandle process, String seconds) {
        return process.info()
                .commandLine()
                .filter(command -> command.equals("/usr/bin/sleep " + seconds))
                .isPresent();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(10);
        }
    }
}
