package io.embeddingoperator.runner.memory;

import com.sun.management.OperatingSystemMXBean;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The memory that this process has, heap and everything else together.
 *
 * @param bytes of the container, or of the machine where no limit is set
 * @param limited whether that is a limit, beyond which the kernel ends the process
 * @param free bytes that nothing else on the machine uses
 * @param heap that the JVM may grow to
 */
public record ProcessMemory(long bytes, boolean limited, long free, HeapSize heap) {
    private static final long MEBIBYTE = 1 << 20;

    /** Two documents of the greatest length, one with its chunks and vectors. */
    private static final long LEAST_HEAP = 200 * MEBIBYTE;

    /** What is asked for is a multiple of this: a number that a person would write. */
    private static final long STEP = 64 * MEBIBYTE;

    /** Of what is free on a machine that sets no limit: others live there as well. */
    private static final long FREE_SHARE = 2;

    public static ProcessMemory ofThisProcess() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return of(Path.of("/"), system.getTotalMemorySize(), HeapSize.ofThisProcess());
    }

    /** @param seen bytes that the JVM takes for the memory of the container or of the machine */
    static ProcessMemory of(Path root, long seen, HeapSize heap) {
        OptionalLong machine = meminfo(root, "MemTotal:");
        OptionalLong group = new CgroupMemory(root).limit();
        long bytes = Math.min(seen, group.orElse(Long.MAX_VALUE));
        boolean limited = bytes < machine.orElse(Long.MAX_VALUE) && (group.isPresent() || machine.isPresent());
        return new ProcessMemory(
                bytes, limited, Math.min(bytes, meminfo(root, "MemAvailable:").orElse(bytes)), heap);
    }

    private static OptionalLong meminfo(Path root, String name) {
        try {
            return Files.readAllLines(root.resolve("proc/meminfo")).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            // Other systems than Linux have no such file.
            return OptionalLong.empty();
        }
    }

    /**
     * How many of some equal parts there is room for beside the heap.
     *
     * @param base bytes that are needed in any case
     * @param part bytes of each part
     * @param most parts that pay off
     * @param purpose what the memory is for, to stand in a sentence
     * @return at least 1
     * @throws SpecificationException when there is no room for one
     */
    public int parts(long base, long part, int most, String purpose) {
        long least = heap.memoryWith(base + part, LEAST_HEAP);
        if (least > bytes) {
            throw new SpecificationException(tooLittle(least, purpose));
        }
        // What others use is no reason to refuse, only to take less: a limit may be that of all pods of a node.
        long room = Math.min(bytes, Math.max(least, limited ? free : free / FREE_SHARE));
        return Math.clamp((room - heap.in(bytes) - base) / part, 1, most);
    }

    private String tooLittle(long least, String purpose) {
        long asked = (least + STEP - 1) / STEP * STEP / MEBIBYTE;
        return limited
                ? "spec.template.resources.limits.memory: at least %dMi; this pod has %dMi, which is too little for %s"
                        .formatted(asked, bytes / MEBIBYTE, purpose)
                : "this machine has %d MiB of memory, which is too little for %s: use one with at least %d MiB"
                        .formatted(bytes / MEBIBYTE, purpose, asked);
    }

    /** For a person. */
    public String describe() {
        return limited
                ? "a limit of %d MiB".formatted(bytes / MEBIBYTE)
                : "%d MiB free and no limit".formatted(free / MEBIBYTE);
    }
}
