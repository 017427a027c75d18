package io.embeddingoperator.runner.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupMemoryTest {
    private static final String UNIFIED = "30 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
    private static final String FIRST = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";

    @TempDir
    private Path root;

    @Test
    void aMachineWithoutControlGroupsHasNoLimit() {
        assertThat(new CgroupMemory(root).limit()).isEmpty();
    }

    @Test
    void theSmallestLimitOfTheGroupsAroundThisOneCounts() throws IOException {
        write("proc/self/mountinfo", "1 0 0:1 / / rw - ext4 /dev/root rw\n" + UNIFIED);
        write("proc/self/cgroup", "0::/kubepods/pod1/container\n");
        write("sys/fs/cgroup/kubepods/memory.max", "8589934592\n");
        write("sys/fs/cgroup/kubepods/pod1/memory.max", "471859200\n");
        write("sys/fs/cgroup/kubepods/pod1/container/memory.max", "max\n");
        write("sys/fs/cgroup/kubepods/pod2/memory.max", "1\n");

        assertThat(new CgroupMemory(root).limit()).hasValue(471_859_200);
    }

    @Test
    void aLimitThatSlowsDownCountsAsOneThatKills() throws IOException {
        write("proc/self/mountinfo", UNIFIED);
        write("proc/self/cgroup", "0::/pod\n");
        write("sys/fs/cgroup/pod/memory.max", "600000000\n");
        write("sys/fs/cgroup/pod/memory.high", "500000000\n");

        assertThat(new CgroupMemory(root).limit()).hasValue(500_000_000);
    }

    @Test
    void aContainerThatSeesItsOwnGroupAsTheTopIsRead() throws IOException {
        write("proc/self/mountinfo", UNIFIED);
        write("proc/self/cgroup", "0::/\n");
        write("sys/fs/cgroup/memory.max", "536870912\n");

        assertThat(new CgroupMemory(root).limit()).hasValue(536_870_912);
    }

    @Test
    void versionOneIsReadInItsOwnHierarchy() throws IOException {
        write("proc/self/mountinfo", "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n" + FIRST);
        write("proc/self/cgroup", "5:cpu:/other\n4:memory:/docker/abc\n0::/\n");
        write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "9223372036854771712\n");
        write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "314572800\n");
        write("sys/fs/cgroup/cpu/other/memory.limit_in_bytes", "1\n");

        assertThat(new CgroupMemory(root).limit()).hasValue(314_572_800);
    }

    @Test
    void aContainerThatIsMountedItsOwnPartUnderThePathOfTheHostIsRead() throws IOException {
        write("proc/self/mountinfo", "35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
        write("proc/self/cgroup", "4:memory:/docker/abc/inner\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "400000000\n");
        write("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "300000000\n");

        assertThat(new CgroupMemory(root).limit()).hasValue(300_000_000);
    }

    @Test
    void aPathThatLeadsOutOfTheMountIsTheMountItself() throws IOException {
        write("proc/self/mountinfo", UNIFIED);
        write("proc/self/cgroup", "0::/../../elsewhere\n");
        write("sys/fs/cgroup/memory.max", "200000000\n");

        assertThat(new CgroupMemory(root).limit()).hasValue(200_000_000);
    }

    @Test
    void noLimitIsWhatEitherVersionSaysForIt() throws IOException {
        write("proc/self/mountinfo", UNIFIED + FIRST);
        write("proc/self/cgroup", "4:memory:/\n0::/\n");
        write("sys/fs/cgroup/memory.max", "max\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

        assertThat(new CgroupMemory(root).limit()).isEmpty();
    }

    private void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }
}
