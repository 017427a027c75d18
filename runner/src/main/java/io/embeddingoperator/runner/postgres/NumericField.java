package io.embeddingoperator.runner.postgres;

import java.math.BigDecimal;

/** PostgreSQL's numeric: groups of four decimal digits, the weight of the first group, a sign and the scale. */
public final class NumericField {
    private static final int GROUP = 4;
    private static final int NEGATIVE = 0x4000;
    private static final int NOT_A_NUMBER = 0xC000;
    private static final int INFINITY = 0xD000;
    private static final int NEGATIVE_INFINITY = 0xF000;

    private static final int MAX_WHOLE_DIGITS = 131_072;
    private static final int MAX_FRACTION_DIGITS = 16_383;

    private NumericField() {}

    /** @param number a BigDecimal, or a Double that no BigDecimal can be */
    public static boolean holds(Number number) {
        return !(number instanceof BigDecimal value)
                || (long) value.precision() - value.scale() <= MAX_WHOLE_DIGITS && value.scale() <= MAX_FRACTION_DIGITS;
    }

    public static void write(BinaryCopy copy, Number number) {
        if (number instanceof BigDecimal value) {
            write(copy, value);
        } else {
            copy.shorts(0, 0, sign(number.doubleValue()), 0);
        }
    }

    private static int sign(double unreal) {
        if (Double.isNaN(unreal)) {
            return NOT_A_NUMBER;
        }
        return unreal > 0 ? INFINITY : NEGATIVE_INFINITY;
    }

    private static void write(BinaryCopy copy, BigDecimal value) {
        BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
        String digits = plain.abs().unscaledValue().toString();
        int scale = plain.scale();
        String whole = digits.length() > scale ? digits.substring(0, digits.length() - scale) : "";
        String fraction = "0".repeat(Math.max(0, scale - digits.length())) + digits.substring(whole.length());
        String aligned = "0".repeat(missing(whole)) + whole + fraction + "0".repeat(missing(fraction));
        int weight = (whole.length() + missing(whole)) / GROUP - 1;

        int first = 0;
        int end = aligned.length() / GROUP;
        while (first < end && group(aligned, first) == 0) {
            first++;
        }
        while (end > first && group(aligned, end - 1) == 0) {
            end--;
        }
        int[] fields = new int[4 + end - first];
        fields[0] = end - first;
        fields[1] = end == first ? 0 : weight - first;
        fields[2] = value.signum() < 0 ? NEGATIVE : 0;
        fields[3] = scale;
        for (int i = first; i < end; i++) {
            fields[4 + i - first] = group(aligned, i);
        }
        copy.shorts(fields);
    }

    private static int missing(String digits) {
        return (GROUP - digits.length() % GROUP) % GROUP;
    }

    private static int group(String digits, int index) {
        return Integer.parseInt(digits, index * GROUP, (index + 1) * GROUP, 10);
    }
}
