package io.embeddingoperator.runner.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;

/**
 * The size that the heap of a JVM may grow to, as its options say: a share of the memory that it finds, up to some size, or a
 * size that was named.
 *
 * @param share of the memory; 0 where the size was named
 * @param most bytes, also where there is more memory
 */
public record HeapSize(double share, long most) {
    public HeapSize {
        if (share < 0 || share >= 1 || most < 1) {
            throw new IllegalArgumentException("a heap of %s of the memory, up to %d bytes".formatted(share, most));
        }
    }

    /** As this process was started. */
    static HeapSize ofThisProcess() {
        HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (options.getVMOption("MaxHeapSize").getOrigin() != VMOption.Origin.ERGONOMIC) {
            return new HeapSize(0, Runtime.getRuntime().maxMemory());
        }
        double share =
                Double.parseDouble(options.getVMOption("MaxRAMPercentage").getValue()) / 100;
        long most = Long.parseLong(options.getVMOption("ErgoHeapSizeLimit").getValue());
        return new HeapSize(share, most == 0 ? Long.MAX_VALUE : most);
    }

    public long in(long memory) {
        return share == 0 ? most : Math.min(most, (long) (memory * share));
    }

    /**
     * The least memory that has room for a heap and for what is beside it.
     *
     * @param least bytes of a heap; one that was named is as the person wants it who named it
     */
    long memoryWith(long beside, long least) {
        if (share == 0) {
            return beside + most;
        }
        long shared = (long) Math.ceil(beside / (1 - share));
        long memory = in(shared) == most ? beside + most : shared;
        return Math.max(memory, (long) Math.ceil(least / share));
    }
}
