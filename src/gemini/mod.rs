//! The Cloud Code Assist request: conversion, wire parsing and one truthful attempt.
