package io.embeddingoperator.runner.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessMemoryTest {
    private static final long MIB = 1 << 20;
    private static final HeapSize HEAP = new HeapSize(0.4, 1024 * MIB);
    private static final String MACHINE = "MemTotal: 67108864 kB\nMemFree: 1 kB\nMemAvailable: 33554432 kB\n";

    @TempDir
    private Path root;

    @ParameterizedTest
    @CsvSource({"512, 1", "640, 6", "768, 10", "1024, 19", "2048, 55", "4096, 64"})
    void thereAreAsManyPartsAsThereIsMemoryFor(long mebibytes, int parts) {
        assertThat(limitedTo(mebibytes).parts(282 * MIB, 17 * MIB, 64, "a model"))
                .isEqualTo(parts);
    }

    @ParameterizedTest
    @CsvSource({"300", "450", "498"})
    void tooLittleMemoryIsRefusedWithWhatToAskFor(long mebibytes) {
        assertThatThrownBy(() -> limitedTo(mebibytes).parts(282 * MIB, 17 * MIB, 2, "the model small"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "spec.template.resources.limits.memory: at least 512Mi; this pod has %dMi, which is too little"
                                        .formatted(mebibytes)
                                + " for the model small");
    }

    @ParameterizedTest
    @CsvSource({"64, 16", "282, 17", "1500, 100", "1500, 2000", "20000, 1"})
    void whatIsAskedForIsEnough(long base, long part) {
        ProcessMemory tooLittle = limitedTo(100);

        long asked = asked(tooLittle, base * MIB, part * MIB);

        assertThat(limitedTo(asked).parts(base * MIB, part * MIB, 8, "a model")).isPositive();
        assertThatThrownBy(() -> limitedTo(asked - 65).parts(base * MIB, part * MIB, 8, "a model"))
                .isInstanceOf(SpecificationException.class);
    }

    @Test
    void aHeapOfNamedSizeIsCountedWhole() {
        ProcessMemory memory = new ProcessMemory(512 * MIB, true, 512 * MIB, new HeapSize(0, 400 * MIB));

        assertThatThrownBy(() -> memory.parts(282 * MIB, 17 * MIB, 2, "a model"))
                .hasMessageStartingWith("spec.template.resources.limits.memory: at least 704Mi; this pod has 512Mi");
    }

    @Test
    void withoutALimitHalfOfWhatIsFreeIsTaken() {
        ProcessMemory memory = new ProcessMemory(65_536 * MIB, false, 4_096 * MIB, HEAP);

        assertThat(memory.parts(282 * MIB, 17 * MIB, 64, "a model")).isEqualTo(43);
        assertThat(memory.describe()).isEqualTo("4096 MiB free and no limit");
    }

    @Test
    void aLimitThatTheMachineHasNoMoreRoomForIsNotTakenWhole() {
        ProcessMemory memory = new ProcessMemory(61_440 * MIB, true, 2_048 * MIB, HEAP);

        assertThat(memory.parts(282 * MIB, 17 * MIB, 64, "a model")).isEqualTo(43);
    }

    @Test
    void withoutALimitABusyMachineStillDoesItsWork() {
        ProcessMemory memory = new ProcessMemory(65_536 * MIB, false, 10 * MIB, HEAP);

        assertThat(memory.parts(282 * MIB, 17 * MIB, 64, "a model")).isOne();
    }

    @Test
    void aMachineThatIsTooSmallIsNamedAsThat() {
        ProcessMemory memory = new ProcessMemory(400 * MIB, false, 400 * MIB, HEAP);

        assertThatThrownBy(() -> memory.parts(282 * MIB, 17 * MIB, 64, "a model"))
                .hasMessage("this machine has 400 MiB of memory, which is too little for a model: use one with at least"
                        + " 512 MiB");
    }

    @Test
    void theLimitIsThatOfTheGroupOrWhatTheJvmSaw() throws IOException {
        Files.createDirectories(root.resolve("proc/self"));
        Files.createDirectories(root.resolve("sys/fs/cgroup"));
        Files.writeString(root.resolve("proc/meminfo"), MACHINE);
        Files.writeString(root.resolve("proc/self/mountinfo"), "30 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        Files.writeString(root.resolve("proc/self/cgroup"), "0::/\n");

        ProcessMemory unlimited = ProcessMemory.of(root, 65_536 * MIB, HEAP);
        ProcessMemory seen = ProcessMemory.of(root, 700 * MIB, HEAP);
        Files.writeString(root.resolve("sys/fs/cgroup/memory.max"), Long.toString(600 * MIB));
        ProcessMemory limited = ProcessMemory.of(root, 65_536 * MIB, HEAP);

        assertThat(unlimited).isEqualTo(new ProcessMemory(65_536 * MIB, false, 32_768 * MIB, HEAP));
        assertThat(seen).isEqualTo(new ProcessMemory(700 * MIB, true, 700 * MIB, HEAP));
        assertThat(limited).isEqualTo(new ProcessMemory(600 * MIB, true, 600 * MIB, HEAP));
    }

    private static ProcessMemory limitedTo(long mebibytes) {
        return new ProcessMemory(mebibytes * MIB, true, mebibytes * MIB, HEAP);
    }

    private static long asked(ProcessMemory memory, long base, long part) {
        try {
            return memory.parts(base, part, 8, "a model");
        } catch (SpecificationException e) {
            return Long.parseLong(e.getMessage().replaceFirst(".*at least (\\d+)Mi;.*", "$1"));
        }
    }
}
