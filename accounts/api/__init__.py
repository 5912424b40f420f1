"""The account API of brief 2 §6.1 and of brief 5, with the answers of DESIGN §8."""
