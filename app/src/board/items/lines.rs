//! Lines of the legend that a viewer chose: in the address, and as they are used. Pure.

/// Lines of the legend as the address has them: `marks=1,3`, counted from one.
pub fn parse(value: &str) -> Vec<usize> {
    let number = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
    let mut lines: Vec<usize> = value.split(',').filter_map(number).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// What the address says of lines.
pub fn written(lines: &[usize]) -> String {
    lines.iter().map(|line| (line + 1).to_string()).collect::<Vec<_>>().join(",")
}

/// The lines after one of `total` was used: all of them is the same as none.
pub fn toggled(lines: &[usize], line: usize, total: usize) -> Vec<usize> {
    let mut fresh: Vec<usize> = lines.iter().copied().filter(|other| *other != line && *other < total).collect();
    if !lines.contains(&line) {
        fresh.push(line);
        fresh.sort_unstable();
    }
    if fresh.len() == total { Vec::new() } else { fresh }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_from_the_address_and_all_of_them_are_none() {
        assert_eq!(parse("3,1,x,0,1"), [0, 2]);
        assert_eq!(written(&[0, 2]), "1,3");
        assert_eq!(toggled(&[], 1, 3), [1]);
        assert_eq!(toggled(&[1], 0, 3), [0, 1]);
        assert_eq!(toggled(&[0, 1], 2, 3), [0; 0]);
        assert_eq!(toggled(&[0, 1], 0, 3), [1]);
        assert_eq!(toggled(&[7], 0, 3), [0], "a line that the board does not have goes");
    }
}
